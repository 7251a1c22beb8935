"""Tables that rules do not enclose. `tables.tables_in` is the way in."""

"""A dataset proposed from one printed table: its module, its folder and its golden file, for a person to check."""

"""What the walls of one machine, and the way beyond it, cost: confined children, engines."""

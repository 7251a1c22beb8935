"""What the resolver gets right: printed names, generated damage, speed. Run `python -m benchmarks.resolver`."""

"""What starts runs without a person: one schedule and three sensors. When to ask is `refresh.asking`'s to say; what
there is to do, the plans' of `refresh` and `acquisition`. All are off until annexes.toml turns them on at once."""

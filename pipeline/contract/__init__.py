"""The words that datasets, quality and warehouse share: what a dataset declares, what its reader hands over, findings,
quarantine. Frozen values only; who checks them is in `quality`, who declares them in `datasets`."""

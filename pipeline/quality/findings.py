from pipeline.contract.findings import *  # noqa: F403

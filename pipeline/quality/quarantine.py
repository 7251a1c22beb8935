from pipeline.contract.quarantine import *  # noqa: F403

from pipeline.contract.dataset import *  # noqa: F403
from pipeline.contract.rows import *  # noqa: F403

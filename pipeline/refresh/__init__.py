"""Plan, read the changed documents, publish: plain functions that the command, the assets and the sensor call.

`plan` and `state` load nothing heavy; the other modules load pandas and pyarrow.
"""

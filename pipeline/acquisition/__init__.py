"""How new texts reach the archive: the DILA feed, the drop folder, files named by a person. Plain functions.

What belongs here: listing, downloading and opening deliveries, telling which texts are wanted, moving the cursor,
saying what is late. Storing a file is in `documents.archive`; reading what it holds is for `refresh`.
"""

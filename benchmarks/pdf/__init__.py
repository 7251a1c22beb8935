"""How exactly and at what cost annex PDFs are read, beside pdfplumber and its peers: `python -m benchmarks.pdf`."""

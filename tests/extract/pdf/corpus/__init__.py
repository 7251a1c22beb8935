"""PDF files made by programs, each with the truth that a reading is held to. Nothing here reads a PDF."""

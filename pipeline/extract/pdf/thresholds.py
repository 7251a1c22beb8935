"""The numeric thresholds of the PDF rules, in one table: what each means, and in which unit.

Rules read them as `thresholds.NAME`, so that a sweep can set one and read the corpus again. What a file may cost is in
`limits`.
"""

# Words and lines (`words`), as shares of the font size.
# A gap this wide ends a word: a fixed tolerance glues words at 8 points when the file has no space glyphs.
WORD_GAP = 0.15
# A gap this wide ends a run; normal spaces are 0.25 to 0.35 of the size, more when justified.
RUN_GAP = 0.6
# A letter set this far back begins a run; an accent is set back over its letter, or a letter under its accent.
BACKWARD = 0.25
ACCENT_BACKWARD = 0.5
# Baselines this near are one.
BASELINE = 0.12
# Words smaller than this share of a line's height are set in another size.
OTHER_SIZE = 0.8
# Lines that a word may still belong to.
RECENT_LINES = 4
# Columns stand this far apart; within a cell words stand a space apart.
CELL_GAP = 0.55
# The same in a monospaced font, whose space is as wide as a letter.
MONOSPACED_GAP = 0.9
# Advances of the letters of a monospaced font differ by no more.
SAME_ADVANCE = 0.01
# Two figures this far apart are two cells, unless they are groups of thousands.
FIGURE_GAP = 0.35
# Pairs of figures, as many and as far apart, that are one telephone number.
TELEPHONE = 4
# The same for figures too long to be parts of one number.
LONG_FIGURE_GAP = 0.2

# Dots, each a word, that lead the eye on.
LEADER_DOTS = 4
# Of the font size: dots begin this near the label that they lead on from.
LEADER_NEAR = 2.0
# In a line of so many words the gap after a sentence may be so many times as wide as the line's others.
SENTENCE_WORDS = 7
SENTENCE_GAP = 2.4

# Raised marks of notes (`marks`), as shares of the size of the word before.
# Print of a mark is smaller than this.
MARK_SIZE = 0.8
# It stands this near.
MARK_NEAR = 0.35
# Its baseline is so much higher.
LEAST_RISE = 0.15
MOST_RISE = 0.75

# Rules (`rules`), in points.
# Rules this near are one, as in pdfplumber.
SNAP = 3.0
# Pieces of a rule this near are one piece, as in pdfplumber.
JOIN = 3.0
# Rules that miss each other by this much cross, as in pdfplumber.
CROSS = 3.0
# A merged rule is this long.
SHORTEST_RULE = 3.0
# A drawn piece of a rule is this long.
SHORTEST_PIECE = 1.0
# A rule that leaves a cell open reaches this far beyond the last one it crosses: more than a sloppy end.
REACH = 6.0

# Filled rectangles (`fills`), in points.
# A bar no thicker than this, and so many times as long as thick, is one rule, along its middle.
THICKEST_RULE = 6.0
LONG_BAR = 4
# Sides of fills and cells this near are one side.
FILL_SLACK = 1.5
# Areas without text that stand on one line, all of other lengths, that are the bars of a chart.
FEWEST_BARS = 3
# A box that holds a fill is so many times its area.
LARGER_BOX = 1.02
# On a page with more fills than this (a drawing) their edges are taken as they are.
MOST_FILLS = 4000

# Cells of ruled tables (`lattice`).
# Points that text may stand over a rule's middle without being the neighbour's.
SLACK = 0.5
# Labels of rows left of a frame: rows of such a table, words of a label, how near they stand (in sizes), and how far
# from the rows' rules, as a share of the size.
LABELLED_ROWS = 4
LABEL_WORDS = 8
LABEL_NEAR = 12.0
IN_ROW = 0.3
# A figure that goes over one border is in the cell that holds this share of it.
MOST_OF_IT = 0.6
# Of the font size: the widest space within a text.
WIDEST_SPACE = 0.45

# What a lattice without all its rules holds (`lattice_split`).
# Lines that show a gap inside a ruled column; text set wide does so now and then.
GAP_LINES = 3
# The same where rules part the rows: two texts of one cell may stand apart in every row.
GAP_ROWS = 4
# Of the cell's width: a label this near the cell's middle is centred in it.
CENTRED = 0.1
# Lines that stand in the columns of cells over several, those of three pieces or more counted twice, that make such
# cells several.
OPEN_LINES = 3
# Of such a cell, one line in so many shows the columns where each of the others stands in one of them: wrapped texts.
WRAPPED_LINES = 5
# A boundary between columns or rows is drawn when rules cover this share of it.
DRAWN_SHARE = 0.5
# With more ruled rows than this, rules part the rows, and the lines of a cell belong together.
FEW_RULED_ROWS = 3
# Figures in one cell, one a line, that are as many records.
RECORD_FIGURES = 3
# Heights at which texts begin anew in several cells of a row, so many that it holds several records.
BLOCKS = 2
# Texts that are, when every cell of the row has so many lines, broken although the next word had room.
RECORD_TEXTS = 4

# Points: lattices of the same columns no further apart, nothing between, are one.
PARTED = 8.0

# Whether a lattice is a table (`frames`).
# With fewer than one cell in this many printed, a grid is a drawing.
EMPTIEST = 12
# A lattice of no more rows may be a part of a table that is open.
PART_ROWS = 3
# Lines beside it that are looked at.
NEAREST_LINES = 3
# Of the font size: rows no higher are lines of text on a ground, where there is one column only.
LINE_HEIGHT = 1.5
# Of the font size: text runs on into a frame from this near.
BESIDE = 0.45
# Pictures of so many times the size of the text, so many in what looks like a table, make it a chart or a diagram.
PICTURE_SIZE = 2.0
PICTURES = 3

# So many boxes that stand in no rows and columns make what stands in lines a diagram.
BOXES = 3

# Signs of a table against itself (`signs`).
# Share of a word outside the cell that it was put into.
ASTRIDE = 0.4
# A column with so many cells, at least this share of them figures and this share texts, is mixed.
MIXED_CELLS = 5
MIXED = 0.3
# Leading rows in which a column is labelled; an unlabelled one that prints in fewer than one row in so many is poor.
LABEL_ROWS = 3
POOR_COLUMN = 3
# Of the font size: a gap that parts the few words of a line of one cell.
PIECES_GAP = 1.6
FEW_WORDS = 8
# Points: lines this near a table's edge stand at it; of the font size: a gap between two of its columns.
NEAR_LINE = 18.0
WIDE_GAP = 1.0

# The page's own columns (`layout`).
# Lines with prose beside it that make a gutter.
GUTTER_LINES = 6
# Words that make a line prose.
PROSE_WORDS = 4
# Share of its column's width that makes a line prose.
PROSE_FILL = 0.6
# Points: the width of a gutter.
GUTTER = 8.0
# Of the region's width: the narrowest column of a page.
NARROWEST_COLUMN = 0.15
# A block begins where a line stands this many times further down than usual.
BLOCK_STEP = 1.2
# Cuts in two, one inside the other: no page is set in more than eight columns.
GUTTER_DEPTH = 3

# Where tables without enclosing rules stand (`unruled.regions`).
# Points: a rule that frames a table is this long.
SHORTEST_LEVEL = 40.0
# Points: ends of rules this near are level.
SAME_END = 8.0
# Points: rules nearer than this are one double rule.
DOUBLE_RULE = 2.5
# Of the table's width: a level whose pieces cover this is full.
FULL_LEVEL = 0.7
# Of the font size: the rules around a title of two lines stand no further apart.
TITLE_BAND = 4.0
# Lines of the longest label beside several figures, on average.
LONGEST_LABEL = 10
# Rows of two texts that may be the head of a letter.
LETTERHEAD = 8
# Of the font size: a line that ends this near the margin is full.
FULL_LINE = 3.0
# Of the font size: lines further apart are not one table, unless rules say so.
FAR = 2.2
# The same below a blank row of a table that goes on.
BLANK_ROW = 4.5
# Letters of a mark that stands for a figure (n.a., (X), ...); points: sides this near are one.
SHORT_MARK = 4
SAME_SIDE = 1.5
# Print this much larger than the table's is a heading's.
LARGER_PRINT = 1.2

# Columns of tables without rules (`unruled.columns`).
# Steps a point in which gaps are looked for: finer than any gap that matters.
GAP_STEPS = 2.0
# Of the font size: the narrowest gap between columns.
COLUMN_GAP = 0.3
# One line in so many may run over a gap (a title in the table, text too long) without closing it.
GAP_TOLERATED = 16
# Of the lines: so many make a place one where cells begin.
OFTEN = 0.4
# Of the font size: between two figures of one column a space is no wider.
SPACE_OF_FIGURES = 0.4
# A gap this many times as wide as the other spaces of a text parts it.
WIDER_GAP = 1.3
# A label stands over a column when it covers this share of the column's text, or of itself.
LABEL_OVER = 0.3
# Of the font size: the narrowest space.
NARROW_SPACE = 0.2
# Of the font size: what stands this near a column's side or middle is set there.
NEAR_SIDE = 0.3

# Rows of tables without rules (`unruled.tables`).
# Two lines of labels, each wrapped three times.
HEADER_LINES = 8
# Lines of the lowest labels, below the rule under those of groups.
LABEL_LINES = 3
# Of the font size: between the lines of one label there is no more.
WRAP_GAP = 0.5
# Of the font size: lines that stand this far into each other are one row.
ROW_OVERLAP = 0.2
# The gap between two tables is this many times the widest inside them.
TABLES_APART = 2.5
# Where no rule stands, one row in so many prints in several columns.
ROWS_IN_COLUMNS = 3
# Two rows that no rule frames are lines that happen to share a gap.
FEWEST_ROWS = 3

# Whole documents (`assemble`, `stitch`, `flow`).
# Of the page's height: margins stand in the outer band.
OUTER_BAND = 0.12
# Points: running lines stand at the same height from page to page.
SAME_HEIGHT = 6.0
# Characters of a heading.
LONGEST_HEADING = 200
# Rows by which a header is told: what a table prints a hundred pages on says nothing of it, and takes time.
HEADER_LOOK = 400
# Rows of a header.
HEADER_ROWS = 6
# Points: how far the columns of two pages may be apart and still be the same.
PAGE_SHIFT = 8.0
# Characters by which a full line may be shorter than the longest one of its cell: letters differ in width.
LETTERS_WIDER = 2
# Letters: no cell is so narrow that a shorter word must be cut.
SHORTEST_CUT = 5

# Engines (`pages`, `fast`, `exact`).
# One page in this many, at most, is read by both engines: the first with a table of each such block of pages.
SAMPLED = 50
# Of the page: a picture this large is a page that was scanned.
SCAN = 0.5
# Of a page's letters: so many turned alike are a page set sideways.
SIDEWAYS = 0.8
# Points: the same letter this near is the same letter of the other engine.
SAME_PLACE = 2.0
# An engine that reads fewer than this share of the other's characters reads next to nothing.
EMPTY_BESIDE = 0.1
# Rules across times rules down up to which pdfplumber is asked for the cells: it takes more than linear time in them.
EXACT_CROSSINGS = 20_000
# Points: print smaller than this is not read by anybody.
TINY = 1.5
# Paths of a clipping path that are looked at.
MOST_CLIPS = 16
# Each of red, green and blue: as bright as this, print is not seen on paper.
NEARLY_WHITE = 0xF7

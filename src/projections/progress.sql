-- How far each view has read. A view's rows and its line here change in one transaction, so they cannot disagree.
-- Readers touch this table before a view's own, and a swap locks it first: nobody sees half of a rebuilt view.
CREATE TABLE IF NOT EXISTS progress (
    view     text  COLLATE "C" NOT NULL PRIMARY KEY,
    position int8  NOT NULL,             -- the last entry the view has seen
    leaf     bytea NOT NULL,             -- its leaf hash: the next entry's prev must name it
    frontier bytea NOT NULL,             -- the tree's right side at that position, 32 bytes a bit of the size
    edition  text  COLLATE "C" NOT NULL  -- digest of the view's own two files and of what it judges by
)

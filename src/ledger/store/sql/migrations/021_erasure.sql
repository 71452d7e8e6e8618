-- Manifests of erasures: digests, sorted, one a line. What makes one count is its SHA-256 in `ledger.payload-shredded`.
CREATE TABLE house.erasure (
    sha256   text COLLATE "C" NOT NULL PRIMARY KEY,   -- lower-case hex, of the manifest's bytes
    manifest text COLLATE "C" NOT NULL
);
GRANT SELECT ON house.erasure TO reader;

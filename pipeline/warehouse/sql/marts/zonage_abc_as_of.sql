-- requires: history.zonage_abc, zonage_abc_as_of, zonage_abc_effets_as_of, meta.versions, meta.cells
-- smoke: SELECT * FROM zonage_abc_as_of(DATE '2009-06-15') LIMIT 1
-- smoke: SELECT * FROM zonage_abc_as_of(DATE '2009-06-15', dispositif := 'psla') LIMIT 1
-- The generated macro with one more question: since when the zoning applies to one aid (article 3). The columns of its
-- rules are renamed by their place: a parameter and a column of one name are a conflict.
CREATE OR REPLACE MACRO main.zonage_abc_as_of(valid_on, known_at := NULL, avec_non_date := false, dispositif := NULL)
AS TABLE
WITH choisies AS (
    SELECT * FROM history.zonage_abc h
    WHERE CASE WHEN known_at IS NULL THEN h.known_to IS NULL
            ELSE h.known_from <= CAST(known_at AS TIMESTAMP)
                AND (h.known_to IS NULL OR h.known_to > CAST(known_at AS TIMESTAMP)) END
      AND CASE WHEN h.valid_from IS NULL THEN avec_non_date
            ELSE h.valid_from <= CAST(valid_on AS DATE)
                AND (h.valid_to IS NULL OR h.valid_to > CAST(valid_on AS DATE)) END
      AND (dispositif IS NULL OR h.edition IN (
            SELECT e.acte
            FROM main.zonage_abc_effets_as_of(valid_on, known_at := known_at)
                AS e(rang, aide, base, fait, regle, premier_jour, acte)
            WHERE e.aide = dispositif AND e.premier_jour <= CAST(valid_on AS DATE)))
),
lieux AS (
    SELECT c.version_no, c.row_no, min(c.line) AS line, max(coalesce(c.last_line, c.line)) AS last_line,
        min(c.page) AS page
    FROM meta.cells c
    WHERE c.version_no IN (SELECT DISTINCT version_no FROM choisies)
    GROUP BY c.version_no, c.row_no
)
SELECT h.code_region, h.code_departement, h.code_commune, h.nom_commune, h.libelle_imprime, h.zone, h.portee,
    h.resolution, h.score, h.marge, h.reserve, h.rang_impression,
    h.edition, v.nor, v.source_url,
    CASE WHEN l.page IS NOT NULL THEN 'p. ' || l.page
        WHEN l.last_line > l.line THEN 'lignes ' || l.line || ' à ' || l.last_line
        WHEN l.line IS NOT NULL THEN 'ligne ' || l.line
        ELSE 'document' END AS source_lieu,
    h.valid_from, h.valid_to, h.version_no, h.row_no
FROM choisies h
JOIN meta.versions v USING (version_no)
LEFT JOIN lieux l USING (version_no, row_no);
COMMENT ON MACRO TABLE main.zonage_abc_as_of IS
    'Zonage en vigueur le jour valid_on, d''après ce que cette base savait au moment known_at (UTC ; par défaut, maintenant). Aucune ligne si rien de détenu ne l''était. dispositif := une aide de zonage_abc_effets : seulement si le zonage s''appliquait déjà à cette aide ; aucune ligne tant que la date de publication de l''arrêté, dont cela dépend, n''est pas connue. avec_non_date := true ajoute les éditions sans date d''effet.';

-- requires: history.zonage_abc, history.zonage_abc_effets, zonage_abc_as_of, zonage_abc_effets_as_of, meta.versions, meta.cells
-- smoke: SELECT * FROM zonage_abc_as_of(DATE '2009-06-15') LIMIT 1
-- smoke: SELECT * FROM zonage_abc_as_of(DATE '2009-06-15', dispositif := 'psla') LIMIT 1
-- The generated macro with one more question: since when the zoning applies to one aid (article 3). The columns of its
-- rules are renamed by their place: a parameter and a column of one name are a conflict.
CREATE OR REPLACE MACRO main.zonage_abc_as_of(valid_on, known_at := NULL, avec_non_date := false, avec_a_verifier := false, dispositif := NULL)
AS TABLE
WITH connus AS (
    SELECT string_agg(DISTINCT e.aide, ', ' ORDER BY e.aide) AS liste,
        coalesce(bool_or(e.aide = dispositif), false) AS est_connu
    FROM (SELECT DISTINCT x.dispositif FROM history.zonage_abc_effets x) AS e(aide)
),
choisies AS (
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
                AS e(rang, aide, base, fait, regle, premier_jour, au_plus_tot, au_plus_tard, acte)
            WHERE e.aide = dispositif
              AND coalesce(e.premier_jour, e.au_plus_tard) <= CAST(valid_on AS DATE)))
),
lieux AS (
    SELECT c.version_no, c.row_no, min(c.line) AS line, max(coalesce(c.last_line, c.line)) AS last_line,
        min(c.page) AS page, bool_or(c.typeset_line IS NOT NULL) AS typeset
    FROM meta.cells c
    WHERE c.version_no IN (SELECT DISTINCT version_no FROM choisies) AND c.cite_no = 1
    GROUP BY c.version_no, c.row_no
),
lignes AS (
SELECT h.code_region, h.code_departement, h.code_commune, h.nom_commune, h.libelle_imprime, h.zone, h.portee,
    h.resolution, h.score, h.marge, h.reserve, h.rang_impression,
    h.edition, v.nor, v.source_url,
    CASE WHEN l.page IS NOT NULL THEN 'p. ' || l.page
        WHEN l.last_line > l.line THEN 'lignes ' || l.line || ' à ' || l.last_line
        WHEN l.line IS NOT NULL THEN 'ligne ' || l.line
        ELSE 'document' END AS source_lieu,
    CASE WHEN l.typeset THEN 'compose' ELSE v.role END AS source_role,
    h.valid_from, h.valid_to,
    CASE WHEN h.valid_from IS NULL THEN 'a_verifier' ELSE 'en_vigueur' END AS vigueur,
    h.version_no, h.row_no
FROM choisies h
JOIN meta.versions v USING (version_no)
LEFT JOIN lieux l USING (version_no, row_no)
)
SELECT * FROM lignes
-- No row of its own: it asks what no join may skip, whether the aid is one that is known.
UNION ALL
SELECT l.* FROM connus k LEFT JOIN lignes l ON false
WHERE CASE WHEN dispositif IS NULL OR k.liste IS NULL OR k.est_connu THEN false
    ELSE error('dispositif inconnu : ' || dispositif || ' ; connus : ' || k.liste) END;
COMMENT ON MACRO TABLE main.zonage_abc_as_of IS
    'Zonage en vigueur le jour valid_on, d''après ce que cette base savait au moment known_at (UTC ; par défaut, maintenant). Aucune ligne si rien de détenu ne l''était. dispositif := une aide de zonage_abc_effets : seulement si le zonage s''appliquait déjà à cette aide ; quand la date de publication de l''arrêté, dont cela dépend, n''est pas connue, à partir du jour où il s''appliquait sûrement (applicable_au_plus_tard), aucune ligne avant ; un dispositif inconnu est une erreur qui nomme ceux que l''on connaît. avec_non_date := true ajoute les éditions sans date d''effet.';

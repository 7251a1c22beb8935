-- requires: seuil_par_commune, ref.communes, ref.communes_passage
-- smoke: SELECT * FROM seuil_par_commune_actuelle LIMIT 1
CREATE VIEW main.seuil_par_commune_actuelle AS
WITH dates AS (
    SELECT (SELECT max(cog_date) FROM ref.communes) AS actuelle,
        (SELECT max(make_date(annee, 1, 1)) FROM main.seuil_par_commune) AS edition
),
anciennes AS (
    SELECT p.code_vers AS code_commune, s.code_commune AS code_ancien, s.seuil_euros_par_uc_an AS seuil, s.siren, s.motif,
        s.edition, s.source_url, s.source_lieux, s.valid_from, s.valid_to, s.vigueur
    FROM ref.communes_passage p
    JOIN dates d ON p.date_depuis = d.edition AND p.date_vers = d.actuelle
    JOIN main.seuil_par_commune s ON s.code_commune = p.code_depuis
),
reunies AS (
    SELECT code_commune, list(code_ancien ORDER BY code_ancien) AS communes_composantes,
        list(DISTINCT seuil ORDER BY seuil) FILTER (seuil IS NOT NULL) AS seuils,
        count(*) FILTER (seuil IS NULL) AS sans_seuil,
        list(DISTINCT siren ORDER BY siren) FILTER (siren IS NOT NULL) AS sirens,
        list(DISTINCT motif ORDER BY motif) FILTER (motif IS NOT NULL) AS motifs,
        any_value(edition) AS edition, any_value(source_url) AS source_url,
        list_sort(list_distinct(flatten(list(source_lieux)))) AS source_lieux,
        any_value(valid_from) AS valid_from, any_value(valid_to) AS valid_to, any_value(vigueur) AS vigueur
    FROM anciennes GROUP BY code_commune
)
SELECT c.cog_date, c.code_commune, c.nom AS nom_commune, c.code_departement, c.code_region,
    CASE WHEN r.sans_seuil = 0 AND len(r.seuils) = 1 THEN r.seuils[1] END AS seuil_euros_par_uc_an,
    CASE WHEN len(r.seuils) > 1 OR (len(r.seuils) = 1 AND r.sans_seuil > 0) THEN r.seuils END AS seuils_composantes,
    r.communes_composantes, r.sirens,
    CASE WHEN r.code_commune IS NULL THEN 'hors_de_l_annee'
        WHEN len(r.seuils) > 1 THEN 'seuils_differents'
        WHEN r.sans_seuil > 0 AND len(r.seuils) = 1 THEN 'une_partie_sans_seuil'
        WHEN r.sans_seuil > 0 THEN array_to_string(r.motifs, ', ') END AS motif,
    r.edition, r.source_url, r.source_lieux, r.valid_from, r.valid_to, r.vigueur
FROM ref.communes c
JOIN dates d ON c.cog_date = d.actuelle
LEFT JOIN reunies r USING (code_commune)
WHERE c.type = 'COM'
ORDER BY c.code_commune;
COMMENT ON VIEW main.seuil_par_commune_actuelle IS
    'Seuil du premier quartile de la dernière édition détenue, porté sur les communes d''aujourd''hui : chacune reçoit le seuil des communes d''alors qu''elle contient, NULL si elles diffèrent. Ancien droit porté sur des communes nouvelles : ce n''est pas le seuil en vigueur.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.cog_date IS 'Date du référentiel des communes d''aujourd''hui.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.code_commune IS 'Code officiel de la commune à cette date.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.nom_commune IS 'Nom officiel de la commune à cette date.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.code_departement IS 'Code du département.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.code_region IS 'Code de la région.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.seuil_euros_par_uc_an IS 'Seuil commun à toutes ses composantes, en euros par unité de consommation ; NULL : voir motif.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.seuils_composantes IS 'Seuils de ses composantes quand elles diffèrent.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.communes_composantes IS 'Codes des communes de l''année de l''arrêté dont elle tient tout ou partie du territoire.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.sirens IS 'SIREN des territoires dont ses composantes tenaient leur seuil.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.motif IS 'Pourquoi il n''y a pas de seuil : hors_de_l_annee, seuils_differents, une_partie_sans_seuil, ou les motifs de seuil_par_commune.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.edition IS 'Acte qui porte les seuils.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.source_url IS 'Adresse de la source.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.source_lieux IS 'Où les seuils de ses composantes sont imprimés.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.valid_from IS 'Premier jour d''effet de ces seuils.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.valid_to IS 'Premier jour où ils ne valent plus ; NULL : aucune fin connue.';
COMMENT ON COLUMN main.seuil_par_commune_actuelle.vigueur IS 'Au jour de la requête : en_vigueur, expire, remplace, a_venir ou a_verifier.';

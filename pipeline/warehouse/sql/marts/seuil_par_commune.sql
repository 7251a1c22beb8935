-- requires: premier_quartile, premier_quartile_as_of, ref.communes, ref.epci, ref.epci_membres
-- smoke: SELECT * FROM seuil_par_commune LIMIT 1
-- smoke: SELECT * FROM seuil_par_commune_as_of(DATE '2020-12-01') LIMIT 1
-- A commune's threshold is that of its EPCI in the year of the act; in Grand Paris, of its EPT or of Paris itself, never
-- of the Métropole. Members are those of that very year: without its snapshot, a year has no row.
CREATE MACRO main.seuil_par_commune_as_of(valid_on) AS TABLE
WITH seuils AS (
    SELECT annee, siren, min(seuil_euros_par_uc_an) AS seuil, count(DISTINCT seuil_euros_par_uc_an) AS nombre,
        any_value(edition) AS edition, any_value(source_url) AS source_url,
        list(source_lieu ORDER BY row_no) AS source_lieux,
        any_value(valid_from) AS valid_from, any_value(valid_to) AS valid_to,
        any_value(vigueur) AS vigueur, any_value(reserve) AS reserve
    FROM main.premier_quartile_as_of(valid_on, avec_non_date := true)
    GROUP BY annee, siren
),
annees AS (
    SELECT annee, any_value(edition) AS edition, any_value(valid_from) AS valid_from, any_value(valid_to) AS valid_to,
        any_value(vigueur) AS vigueur, any_value(reserve) AS reserve
    FROM seuils GROUP BY annee
),
membres AS (
    SELECT m.millesime, m.code_commune, m.siren, e.nom, e.type
    FROM ref.epci_membres m JOIN ref.epci e USING (millesime, siren)
    QUALIFY row_number() OVER (
        PARTITION BY m.millesime, m.code_commune ORDER BY m.niveau IN ('EPT', 'COMMUNE') DESC, m.siren) = 1
)
SELECT a.annee, c.code_commune, c.nom AS nom_commune, c.code_departement, c.code_region,
    m.siren, m.nom AS nom_officiel, m.type AS type_territoire,
    CASE WHEN s.nombre = 1 THEN s.seuil END AS seuil_euros_par_uc_an,
    CASE
        WHEN s.nombre = 1 THEN NULL
        WHEN s.nombre > 1 THEN 'plusieurs_seuils_imprimes'
        WHEN m.siren IS NULL THEN 'hors_epci'
        WHEN m.type IN ('CA', 'CU', 'METRO', 'MET69', 'EPT', 'COMMUNE') THEN 'epci_attendu_absent'
        ELSE 'epci_non_liste' END AS motif,
    a.edition, s.source_url, s.source_lieux, a.valid_from, a.valid_to, a.vigueur, a.reserve
FROM annees a
JOIN ref.communes c ON c.cog_date = make_date(a.annee, 1, 1) AND c.type = 'COM'
LEFT JOIN membres m ON m.millesime = a.annee AND m.code_commune = c.code_commune
LEFT JOIN seuils s ON s.annee = a.annee AND s.siren = m.siren
WHERE a.annee IN (SELECT millesime FROM ref.epci_membres);
COMMENT ON MACRO TABLE main.seuil_par_commune_as_of IS
    'Seuil du premier quartile de chaque commune au jour valid_on : celui de son EPCI de l''année (au Grand Paris, de son établissement public territorial ; Paris a le sien). Une commune sans seuil a une ligne, seuil NULL et motif : epci_non_liste, hors_epci, epci_attendu_absent, plusieurs_seuils_imprimes. reserve : l''acte d''une année répond d''une autre, faute de successeur détenu. Aucune ligne si rien de détenu n''était en vigueur, ou si la composition des EPCI de l''année n''est pas détenue.';

CREATE VIEW main.seuil_par_commune AS
SELECT * EXCLUDE (reserve) REPLACE ((SELECT any_value(q.vigueur) FROM main.premier_quartile q) AS vigueur)
FROM main.seuil_par_commune_as_of((SELECT max(valid_from) FROM main.premier_quartile))
ORDER BY code_commune;
COMMENT ON VIEW main.seuil_par_commune IS
    'Seuil du premier quartile de chaque commune, dernière édition détenue (voir seuil_par_commune_as_of).';
COMMENT ON COLUMN main.seuil_par_commune.annee IS 'Année de l''arrêté ; communes et EPCI sont ceux du 1er janvier.';
COMMENT ON COLUMN main.seuil_par_commune.code_commune IS 'Code officiel de la commune, en texte.';
COMMENT ON COLUMN main.seuil_par_commune.nom_commune IS 'Nom officiel de la commune.';
COMMENT ON COLUMN main.seuil_par_commune.code_departement IS 'Code du département.';
COMMENT ON COLUMN main.seuil_par_commune.code_region IS 'Code de la région.';
COMMENT ON COLUMN main.seuil_par_commune.siren IS 'SIREN de l''EPCI ; de l''établissement public territorial au Grand Paris, de la commune pour Paris ; NULL hors EPCI.';
COMMENT ON COLUMN main.seuil_par_commune.nom_officiel IS 'Nom officiel de ce territoire.';
COMMENT ON COLUMN main.seuil_par_commune.type_territoire IS 'Sa nature juridique.';
COMMENT ON COLUMN main.seuil_par_commune.seuil_euros_par_uc_an IS 'Seuil de ressources annuelles, en euros par unité de consommation ; NULL : voir motif.';
COMMENT ON COLUMN main.seuil_par_commune.motif IS 'Pourquoi il n''y a pas de seuil : epci_non_liste (l''annexe ne liste pas cet EPCI), hors_epci, epci_attendu_absent (agglomération que l''annexe devrait lister), plusieurs_seuils_imprimes.';
COMMENT ON COLUMN main.seuil_par_commune.edition IS 'Acte qui porte les seuils.';
COMMENT ON COLUMN main.seuil_par_commune.source_url IS 'Adresse de la source.';
COMMENT ON COLUMN main.seuil_par_commune.source_lieux IS 'Où le seuil de cet EPCI est imprimé.';
COMMENT ON COLUMN main.seuil_par_commune.valid_from IS 'Premier jour d''effet.';
COMMENT ON COLUMN main.seuil_par_commune.valid_to IS 'Premier jour où le seuil ne vaut plus ; NULL : aucune fin connue.';
COMMENT ON COLUMN main.seuil_par_commune.vigueur IS 'Au jour de la requête : en_vigueur, expire, remplace, a_venir ou a_verifier.';

-- requires: seuil_par_commune, seuil_par_epci, plafonds_par_commune, zonage_abc_communes_actuelles, ref.communes, ref.regions, ref.epci, ref.epci_membres
-- smoke: SELECT * FROM couverture_par_region LIMIT 1
-- Communes and groups of the year of the thresholds; ceilings and zones are those of other years, carried by code: a
-- commune that has none by its own code counts as without.
CREATE VIEW main.couverture_par_region AS
WITH territoires AS (
    SELECT s.annee, s.code_region, coalesce(s.type_territoire, 'HORS_EPCI') AS type_territoire, s.siren, s.code_commune,
        s.code_departement, s.seuil_euros_par_uc_an AS seuil,
        p.plafond_plus_1_euros IS NOT NULL AS a_un_plafond,
        z.zone IS NOT NULL AS a_une_zone,
        s.edition, s.vigueur
    FROM main.seuil_par_commune s
    LEFT JOIN main.plafonds_par_commune p USING (code_commune)
    LEFT JOIN main.zonage_abc_communes_actuelles z USING (code_commune)
),
par_epci AS (
    SELECT DISTINCT annee, code_region, type_territoire, siren, seuil FROM territoires WHERE siren IS NOT NULL
),
etendue AS (
    SELECT annee, code_region, type_territoire, min(seuil) AS seuil_min_euros, median(seuil) AS seuil_median_euros,
        max(seuil) AS seuil_max_euros
    FROM par_epci GROUP BY ALL
)
SELECT t.annee, t.code_region, r.nom AS nom_region, t.type_territoire,
    count(*) AS communes,
    count(*) FILTER (t.seuil IS NOT NULL) AS communes_avec_seuil,
    count(*) FILTER (t.a_un_plafond) AS communes_avec_plafond,
    count(*) FILTER (t.a_une_zone) AS communes_avec_zone,
    count(DISTINCT t.siren) AS epci,
    count(DISTINCT t.siren) FILTER (t.seuil IS NOT NULL) AS epci_avec_seuil,
    count(DISTINCT t.code_departement) AS departements,
    count(DISTINCT t.code_departement) FILTER (t.seuil IS NOT NULL) AS departements_avec_seuil,
    any_value(e.seuil_min_euros) AS seuil_min_euros,
    CAST(any_value(e.seuil_median_euros) AS DECIMAL(12, 1)) AS seuil_median_euros,
    any_value(e.seuil_max_euros) AS seuil_max_euros,
    any_value(t.edition) AS edition, (SELECT any_value(s.source_url) FROM main.seuil_par_commune s) AS source_url, any_value(t.vigueur) AS vigueur
FROM territoires t
LEFT JOIN etendue e USING (annee, code_region, type_territoire)
LEFT JOIN ref.regions r ON r.code_region = t.code_region AND r.cog_date = make_date(t.annee, 1, 1)
GROUP BY t.annee, t.code_region, r.nom, t.type_territoire
ORDER BY t.code_region, t.type_territoire;
COMMENT ON VIEW main.couverture_par_region IS
    'Par région et nature d''EPCI, combien de communes, d''EPCI et de départements ont un seuil, combien de communes un plafond PLUS et une zone, et l''étendue des seuils. Les communes sont celles de l''année des seuils ; plafonds et zones, d''autres années, sont rapprochés par le code : une commune qui n''en a pas sous son code compte sans.';
COMMENT ON COLUMN main.couverture_par_region.annee IS 'Année de l''arrêté des seuils.';
COMMENT ON COLUMN main.couverture_par_region.code_region IS 'Code de la région.';
COMMENT ON COLUMN main.couverture_par_region.nom_region IS 'Nom de la région ; NULL si le référentiel ne l''a pas à cette date.';
COMMENT ON COLUMN main.couverture_par_region.type_territoire IS 'Nature du territoire de la commune ; HORS_EPCI : elle n''en a pas.';
COMMENT ON COLUMN main.couverture_par_region.communes IS 'Communes de la région dans un territoire de cette nature.';
COMMENT ON COLUMN main.couverture_par_region.communes_avec_seuil IS 'Dont celles qui ont un seuil.';
COMMENT ON COLUMN main.couverture_par_region.communes_avec_plafond IS 'Dont celles qui ont un plafond PLUS (plafonds_par_commune).';
COMMENT ON COLUMN main.couverture_par_region.communes_avec_zone IS 'Dont celles qui ont une zone (zonage_abc_communes_actuelles).';
COMMENT ON COLUMN main.couverture_par_region.epci IS 'Territoires de cette nature qui y ont une commune.';
COMMENT ON COLUMN main.couverture_par_region.epci_avec_seuil IS 'Dont ceux qui ont un seuil.';
COMMENT ON COLUMN main.couverture_par_region.departements IS 'Départements de ces communes.';
COMMENT ON COLUMN main.couverture_par_region.departements_avec_seuil IS 'Dont ceux où une commune a un seuil.';
COMMENT ON COLUMN main.couverture_par_region.seuil_min_euros IS 'Plus petit seuil d''un de ces territoires, en euros par unité de consommation et par an.';
COMMENT ON COLUMN main.couverture_par_region.seuil_median_euros IS 'Seuil médian de ces territoires, chacun comptant une fois.';
COMMENT ON COLUMN main.couverture_par_region.seuil_max_euros IS 'Plus grand seuil.';
COMMENT ON COLUMN main.couverture_par_region.edition IS 'Acte qui porte les seuils.';
COMMENT ON COLUMN main.couverture_par_region.source_url IS 'Adresse de la source des seuils.';
COMMENT ON COLUMN main.couverture_par_region.vigueur IS 'Des seuils, au jour de la requête (seuil_par_commune.vigueur).';

-- requires: zonage_abc, ref.communes, ref.communes_passage
-- smoke: SELECT * FROM zonage_abc_communes_actuelles LIMIT 1
CREATE VIEW main.zonage_abc_communes_actuelles AS
WITH dates AS (
    SELECT (SELECT max(cog_date) FROM ref.communes) AS actuelle,
        (SELECT max(cog_date) FROM ref.communes WHERE cog_date <= (SELECT max(valid_from) FROM main.zonage_abc)) AS edition
),
anciennes AS (
    SELECT p.code_vers AS code_commune, z.code_commune AS code_ancien, z.zone, z.edition, z.valid_from, z.valid_to, z.reserve,
        z.source_url, z.source_lieu, z.vigueur
    FROM ref.communes_passage p
    JOIN dates d ON p.date_depuis = d.edition AND p.date_vers = d.actuelle
    JOIN main.zonage_abc z ON z.code_commune = p.code_depuis
),
reunies AS (
    SELECT code_commune, list(code_ancien ORDER BY code_ancien) AS communes_composantes,
        list(DISTINCT zone ORDER BY zone) FILTER (zone IS NOT NULL) AS zones,
        count(*) FILTER (zone IS NULL) AS sans_zone,
        list(DISTINCT reserve ORDER BY reserve) FILTER (reserve IS NOT NULL) AS reserves,
        any_value(edition) AS edition, any_value(valid_from) AS valid_from, any_value(valid_to) AS valid_to,
        any_value(source_url) AS source_url, list(DISTINCT source_lieu ORDER BY source_lieu) AS source_lieux,
        any_value(vigueur) AS vigueur
    FROM anciennes GROUP BY code_commune
)
SELECT c.cog_date, c.code_commune, c.nom AS nom_commune, c.code_departement, c.code_region,
    CASE WHEN r.sans_zone = 0 AND len(r.zones) = 1 THEN r.zones[1] END AS zone,
    CASE WHEN len(r.zones) > 1 THEN r.zones END AS zones_composantes,
    r.communes_composantes, r.reserves,
    CASE WHEN r.code_commune IS NULL THEN 'hors_du_zonage'
        WHEN len(r.zones) > 1 THEN 'zones_differentes'
        WHEN r.sans_zone > 0 THEN 'zone_indeterminee' END AS motif,
    r.edition, r.source_url, r.source_lieux, r.valid_from, r.valid_to, r.vigueur
FROM ref.communes c
JOIN dates d ON c.cog_date = d.actuelle
LEFT JOIN reunies r USING (code_commune)
WHERE c.type = 'COM'
ORDER BY c.code_commune;
COMMENT ON VIEW main.zonage_abc_communes_actuelles IS
    'Zones de la dernière édition détenue, portées sur les communes d''aujourd''hui : chacune reçoit la zone des communes d''alors qu''elle contient, NULL si elles diffèrent. Ancien droit porté sur des communes nouvelles : ce n''est pas le zonage en vigueur.';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.cog_date IS 'Date du référentiel des communes d''aujourd''hui.';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.code_commune IS 'Code officiel de la commune à cette date.';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.nom_commune IS 'Nom officiel de la commune à cette date.';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.code_departement IS 'Code du département.';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.code_region IS 'Code de la région.';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.zone IS 'Zone commune à toutes ses composantes ; NULL : voir motif.';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.zones_composantes IS 'Zones de ses composantes quand elles diffèrent.';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.communes_composantes IS 'Codes des communes du zonage dont elle tient tout ou partie du territoire.';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.reserves IS 'Réserves sur la zone de ses composantes (zonage_abc.reserve).';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.motif IS 'Pourquoi il n''y a pas de zone : hors_du_zonage, zones_differentes, zone_indeterminee.';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.edition IS 'Acte qui porte le zonage.';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.source_url IS 'Adresse de la source.';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.source_lieux IS 'Où les zones de ses composantes sont imprimées.';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.vigueur IS 'Du zonage, au jour de la requête (zonage_abc.vigueur).';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.valid_from IS 'Premier jour d''effet de ce zonage.';
COMMENT ON COLUMN main.zonage_abc_communes_actuelles.valid_to IS 'Premier jour où il ne vaut plus ; NULL : aucune fin connue.';

-- requires: zonage_abc_as_of, zonage_abc_effets_as_of, prix_psla_as_of, plafonds_plus_as_of, ref.communes, ref.communes_limitrophes_paris, meta.periods
-- smoke: SELECT * FROM plafonds_par_commune LIMIT 1
-- Two chains that do not meet: commune → zone → PSLA price; commune → PLUS territory → seven ceilings.
CREATE MACRO main.plafonds_par_commune_as_of(valid_on) AS TABLE
WITH detenu AS (
    SELECT
        count(*) FILTER (dataset = 'zonage_abc') > 0 AS zonage,
        count(*) FILTER (dataset = 'prix_psla') > 0 AS prix,
        count(*) FILTER (dataset = 'plafonds_plus') > 0 AS plafonds
    FROM meta.periods
    WHERE known_to IS NULL AND dataset IN ('zonage_abc', 'prix_psla', 'plafonds_plus')
      AND valid_from <= CAST(valid_on AS DATE) AND (valid_to IS NULL OR valid_to > CAST(valid_on AS DATE))
),
-- Article 3, 7°: from which day the prices follow this zoning; between the two days only the Journal officiel tells.
psla AS (
    SELECT
        CASE WHEN count(*) = 0 THEN 'application_du_zonage_au_psla_non_detenue'
            WHEN bool_or(coalesce(applicable_du, applicable_au_plus_tard) <= CAST(valid_on AS DATE)) THEN NULL
            WHEN bool_and(coalesce(applicable_du, applicable_au_plus_tot) > CAST(valid_on AS DATE))
                THEN 'zonage_pas_encore_applicable_au_psla'
            ELSE 'application_du_zonage_au_psla_non_certaine' END AS empeche
    FROM main.zonage_abc_effets_as_of(valid_on)
    WHERE dispositif = 'psla'
),
cog AS (
    SELECT max(cog_date) AS cog_date FROM ref.communes WHERE cog_date <= CAST(valid_on AS DATE)
),
communes AS (
    SELECT c.*,
        CASE
            WHEN c.code_departement = '75' OR l.code_commune IS NOT NULL THEN 'paris_et_limitrophes'
            WHEN c.code_region = '11' THEN 'ile_de_france_hors_paris_et_limitrophes'
            WHEN c.code_departement NOT LIKE '97%' THEN 'autres_regions'
        END AS territoire_plus
    FROM ref.communes c
    JOIN cog USING (cog_date)
    LEFT JOIN ref.communes_limitrophes_paris l USING (code_commune)
    WHERE c.type = 'COM'
),
plafonds AS (
    SELECT territoire, map_from_entries(list((categorie_menage, plafond_euros))) AS euros, any_value(edition) AS edition,
        list(source_lieu ORDER BY row_no) AS source_lieux
    FROM main.plafonds_plus_as_of(valid_on)
    GROUP BY territoire
)
SELECT CAST(valid_on AS DATE) AS date_reference, c.code_commune, c.nom AS nom_commune, c.code_departement, c.code_region,
    z.zone, z.portee, z.reserve, p.prix_max_euros_m2_su, p.regime_tva,
    c.territoire_plus,
    f.euros['1'] AS plafond_plus_1_euros,
    f.euros['2'] AS plafond_plus_2_euros,
    f.euros['3'] AS plafond_plus_3_euros,
    f.euros['4'] AS plafond_plus_4_euros,
    f.euros['5'] AS plafond_plus_5_euros,
    f.euros['6'] AS plafond_plus_6_euros,
    f.euros['personne_supplementaire'] AS plafond_plus_personne_supplementaire_euros,
    nullif(concat_ws(', ',
        CASE WHEN NOT d.zonage THEN 'zonage_non_detenu'
            WHEN z.code_commune IS NULL THEN 'commune_hors_zonage'
            WHEN z.zone IS NULL THEN 'zone_indeterminee' END,
        CASE WHEN NOT d.prix THEN 'prix_non_detenu'
            WHEN z.zone IS NOT NULL AND s.empeche IS NOT NULL THEN s.empeche
            WHEN z.zone IS NOT NULL AND p.zone IS NULL THEN 'zone_sans_prix' END,
        CASE WHEN c.territoire_plus IS NULL THEN 'plafonds_outre_mer_non_detenus'
            WHEN NOT d.plafonds THEN 'plafonds_non_detenus' END), '') AS motif,
    z.edition AS edition_zonage, p.edition AS edition_prix, f.edition AS edition_plafonds,
    z.source_lieu AS source_lieu_zonage, p.source_lieu AS source_lieu_prix, f.source_lieux AS source_lieux_plafonds,
    'en_vigueur' AS vigueur,
    p.prix_max_euros_m2_su AS prix_max_euros_ht_m2_su
FROM communes c
CROSS JOIN detenu d
CROSS JOIN psla s
LEFT JOIN main.zonage_abc_as_of(valid_on) z ON z.code_commune = c.code_commune
LEFT JOIN main.prix_psla_as_of(valid_on) p ON p.zone = z.zone AND s.empeche IS NULL
LEFT JOIN plafonds f ON f.territoire = c.territoire_plus
WHERE d.zonage OR d.prix OR d.plafonds;
COMMENT ON MACRO TABLE main.plafonds_par_commune_as_of IS
    'Ce que l''on détient au jour valid_on pour chaque commune d''alors : zone, prix de vente maximum PSLA de cette zone, territoire PLUS (qui ne dépend pas de la zone) et ses sept plafonds. Une valeur absente est NULL et motif dit pourquoi : zonage_non_detenu, commune_hors_zonage, zone_indeterminee, prix_non_detenu, zonage_pas_encore_applicable_au_psla, application_du_zonage_au_psla_non_certaine (article 3, 7°, tant que la date de publication n''est pas connue), application_du_zonage_au_psla_non_detenue, zone_sans_prix, plafonds_outre_mer_non_detenus, plafonds_non_detenus. Aucune ligne si rien n''était détenu. Le lien entre le prix (zones de 2003) et les zones de 2009 repose sur le bulletin 8 A-2-09, note 1, et sur l''article 3, 7° de l''arrêté de zonage. La liste des communes limitrophes de Paris vient d''une source secondaire.';

CREATE VIEW main.plafonds_par_commune AS
SELECT * REPLACE (CASE WHEN date_reference < current_date THEN 'expire' ELSE vigueur END AS vigueur)
FROM main.plafonds_par_commune_as_of((
    SELECT CAST(max(least(
        coalesce(z.valid_to - 1, current_date), coalesce(p.valid_to - 1, current_date), coalesce(f.valid_to - 1, current_date)
    )) AS DATE)
    FROM meta.periods z, meta.periods p, meta.periods f
    WHERE z.dataset = 'zonage_abc' AND p.dataset = 'prix_psla' AND f.dataset = 'plafonds_plus'
      AND z.known_to IS NULL AND p.known_to IS NULL AND f.known_to IS NULL
      AND greatest(z.valid_from, p.valid_from, f.valid_from) <= least(
        coalesce(z.valid_to - 1, current_date), coalesce(p.valid_to - 1, current_date), coalesce(f.valid_to - 1, current_date))
))
ORDER BY code_commune;
COMMENT ON VIEW main.plafonds_par_commune IS
    'Zone, prix PSLA et plafonds PLUS de chaque commune au dernier jour que le zonage, les prix et les plafonds détenus couvrent ensemble (date_reference). Pour un autre jour : plafonds_par_commune_as_of.';
COMMENT ON COLUMN main.plafonds_par_commune.date_reference IS 'Jour pour lequel la ligne vaut.';
COMMENT ON COLUMN main.plafonds_par_commune.code_commune IS 'Code officiel de la commune à la dernière date du référentiel qui ne suit pas ce jour.';
COMMENT ON COLUMN main.plafonds_par_commune.nom_commune IS 'Nom officiel de la commune.';
COMMENT ON COLUMN main.plafonds_par_commune.code_departement IS 'Code du département.';
COMMENT ON COLUMN main.plafonds_par_commune.code_region IS 'Code de la région.';
COMMENT ON COLUMN main.plafonds_par_commune.zone IS 'Zone Abis, A, B1, B2 ou C ; NULL : voir motif.';
COMMENT ON COLUMN main.plafonds_par_commune.portee IS 'Ce qui donne la zone (zonage_abc.portee).';
COMMENT ON COLUMN main.plafonds_par_commune.reserve IS 'Réserve sur la zone (zonage_abc.reserve).';
COMMENT ON COLUMN main.plafonds_par_commune.prix_max_euros_m2_su IS 'Prix de vente maximum PSLA, en euros par m² de surface utile (TVA : regime_tva).';
COMMENT ON COLUMN main.plafonds_par_commune.regime_tva IS 'Ce que l''annexe dit de la TVA de ce prix (prix_psla.regime_tva).';
COMMENT ON COLUMN main.plafonds_par_commune.territoire_plus IS 'Territoire des plafonds PLUS ; NULL outre-mer, qui relève d''un autre arrêté.';
COMMENT ON COLUMN main.plafonds_par_commune.plafond_plus_1_euros IS 'Plafond annuel de ressources PLUS, catégorie de ménages 1, en euros.';
COMMENT ON COLUMN main.plafonds_par_commune.plafond_plus_2_euros IS 'Plafond annuel de ressources PLUS, catégorie de ménages 2, en euros.';
COMMENT ON COLUMN main.plafonds_par_commune.plafond_plus_3_euros IS 'Plafond annuel de ressources PLUS, catégorie de ménages 3, en euros.';
COMMENT ON COLUMN main.plafonds_par_commune.plafond_plus_4_euros IS 'Plafond annuel de ressources PLUS, catégorie de ménages 4, en euros.';
COMMENT ON COLUMN main.plafonds_par_commune.plafond_plus_5_euros IS 'Plafond annuel de ressources PLUS, catégorie de ménages 5, en euros.';
COMMENT ON COLUMN main.plafonds_par_commune.plafond_plus_6_euros IS 'Plafond annuel de ressources PLUS, catégorie de ménages 6, en euros.';
COMMENT ON COLUMN main.plafonds_par_commune.plafond_plus_personne_supplementaire_euros IS 'À ajouter au plafond de la catégorie 6 par personne supplémentaire, en euros.';
COMMENT ON COLUMN main.plafonds_par_commune.motif IS 'Pourquoi une valeur manque ; NULL si aucune ne manque.';
COMMENT ON COLUMN main.plafonds_par_commune.edition_zonage IS 'Acte qui donne la zone.';
COMMENT ON COLUMN main.plafonds_par_commune.edition_prix IS 'Acte qui donne le prix.';
COMMENT ON COLUMN main.plafonds_par_commune.edition_plafonds IS 'Acte qui donne les plafonds.';
COMMENT ON COLUMN main.plafonds_par_commune.source_lieu_zonage IS 'Où la zone est imprimée.';
COMMENT ON COLUMN main.plafonds_par_commune.source_lieu_prix IS 'Où le prix est imprimé.';
COMMENT ON COLUMN main.plafonds_par_commune.source_lieux_plafonds IS 'Où les plafonds du territoire sont imprimés.';
COMMENT ON COLUMN main.plafonds_par_commune.vigueur IS 'Au jour de la requête : en_vigueur, ou expire quand une des parties ne vaut plus (date_reference est passée).';
COMMENT ON COLUMN main.plafonds_par_commune.prix_max_euros_ht_m2_su IS 'Ancien nom de prix_max_euros_m2_su, retiré à la prochaine version.';

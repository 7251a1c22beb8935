-- requires: regles, plafonds_par_commune_as_of, prix_psla_as_of, plafonds_plus_as_of, taux_tva_logement_as_of, complement_tva, history.plafonds_plus, ref.communes
-- smoke: SELECT * FROM eligibilite_tva((SELECT min(code_commune) FROM ref.communes), '2', DATE '2009-12-15', surface_habitable := 70, prix_ht := 150000)
-- smoke: SELECT * FROM tva_a_reverser((SELECT min(code_commune) FROM ref.communes), 100000, DATE '2009-09-01', DATE '2019-04-01')
-- Figures come from `regles`. No column bears the name of a parameter: DuckDB would take the one for the other.
CREATE MACRO main.eligibilite_tva(
    commune, categorie, fait_generateur_le, personnes_supplementaires := 0,
    surface_habitable := NULL, surface_annexes := 0, surface_garage := 0, prix_ht := NULL,
    ressources_n2 := NULL, contrat_le := NULL, permis_le := NULL,
    distance_m := NULL, convention_le := NULL, convention_fin_le := NULL, residence_principale := NULL
) AS TABLE
WITH r AS (
    SELECT map_from_entries(list((x.regle, x.valeur))) AS v, map_from_entries(list((x.regle, x.date_regle))) AS d,
        map_from_entries(list((x.regle, 'bulletin 8 A-2-09, § ' || x.paragraphe || ', ' || x.source_lieu))) AS s
    FROM main.regles x
),
lieu AS (
    SELECT l.zone, l.prix_max_euros_m2_su AS prix_m2, l.territoire_plus, l.motif AS manque, l.edition_prix,
        l.edition_plafonds, l.source_lieu_prix
    FROM main.plafonds_par_commune_as_of(CAST(fait_generateur_le AS DATE)) l
    WHERE l.code_commune = CAST(commune AS TEXT)
),
bornes AS (
    SELECT min(t.prix_max_euros_m2_su) AS bas, max(t.prix_max_euros_m2_su) AS haut, any_value(t.edition) AS acte
    FROM main.prix_psla_as_of(CAST(fait_generateur_le AS DATE)) t
),
plus AS (
    SELECT any_value(t.plafond_euros) FILTER (t.categorie_menage = CAST(categorie AS TEXT)) AS de_base,
        any_value(t.plafond_euros) FILTER (t.est_increment) AS par_personne,
        any_value(t.source_lieu) FILTER (t.categorie_menage = CAST(categorie AS TEXT)) AS ou
    FROM main.plafonds_plus_as_of(CAST(fait_generateur_le AS DATE)) t
    JOIN lieu ON t.territoire = lieu.territoire_plus
),
connus AS (
    SELECT list(DISTINCT h.categorie_menage ORDER BY h.categorie_menage) AS categories FROM history.plafonds_plus h
    WHERE NOT h.est_increment
),
calcul AS (
    SELECT r.v, r.d, r.s, lieu.*, bornes.bas, bornes.haut, bornes.acte, plus.ou,
        CAST(surface_habitable + r.v['surface.part_annexes'] / 100 * surface_annexes
            + least(r.v['surface.garage'], r.v['surface.part_garage'] / 100 * surface_garage) AS DECIMAL(12, 2)) AS su,
        CASE WHEN personnes_supplementaires > 0 AND CAST(categorie AS TEXT) <> '6' THEN NULL
            ELSE CAST((plus.de_base + personnes_supplementaires * plus.par_personne)
                * (100 + r.v['ressources.majoration']) / 100 AS DECIMAL(12, 2)) END AS plafond
    FROM r CROSS JOIN bornes CROSS JOIN plus LEFT JOIN lieu ON true
    CROSS JOIN connus k
    WHERE CASE
        WHEN CAST(commune AS TEXT) NOT IN (SELECT o.code_commune FROM ref.communes o) THEN
            error('commune inconnue : ' || commune || ' ; un code INSEE à cinq caractères est attendu')
        WHEN NOT list_contains(k.categories, CAST(categorie AS TEXT)) THEN
            error('catégorie inconnue : ' || categorie || ' ; connues : ' || array_to_string(k.categories, ', '))
        WHEN least(coalesce(surface_habitable, 0), surface_annexes, surface_garage, coalesce(prix_ht, 0),
            coalesce(ressources_n2, 0), coalesce(distance_m, 0), personnes_supplementaires) < 0 THEN
            error('surface, prix, ressources, distance ou nombre de personnes négatif')
        ELSE true END
),
conditions AS (
    SELECT 1 AS rang, 'situation' AS condition,
        CASE WHEN distance_m IS NULL THEN NULL ELSE distance_m = 0 OR distance_m < v['geographie.distance'] END AS tenue,
        CAST(distance_m AS DECIMAL(14, 2)) AS chiffre, v['geographie.distance'] AS limite, 'm' AS unite,
        CASE WHEN distance_m IS NULL THEN 'distance au quartier conventionné non donnée ; les périmètres ne sont pas détenus'
            WHEN distance_m = 0 THEN 'dans le quartier' END AS motif,
        s['geographie.distance'] AS source FROM calcul
    UNION ALL
    SELECT 2, 'convention_signee', CAST(fait_generateur_le AS DATE) >= CAST(convention_le AS DATE), NULL, NULL, NULL,
        CASE WHEN convention_le IS NULL THEN 'date de signature de la convention non donnée' END,
        s['geographie.vente_depuis_convention'] FROM calcul
    UNION ALL
    SELECT 3, 'permis_avant_fin_de_convention', CAST(permis_le AS DATE) <= CAST(convention_fin_le AS DATE), NULL, NULL, NULL,
        CASE WHEN permis_le IS NULL THEN 'date de demande du permis non donnée'
            WHEN convention_fin_le IS NULL THEN 'fin de l''année du dernier engagement financier non donnée' END,
        s['geographie.permis_avant_fin_convention'] FROM calcul
    UNION ALL
    SELECT 4, 'prix',
        CASE WHEN CAST(permis_le AS DATE) < d['prix.permis_depuis'] THEN true
            WHEN prix_ht IS NULL OR su IS NULL OR bas IS NULL THEN NULL
            WHEN prix_ht <= coalesce(prix_m2, bas) * su THEN true
            WHEN permis_le IS NULL THEN NULL
            WHEN prix_ht > coalesce(prix_m2, haut) * su THEN false END,
        CAST(prix_ht AS DECIMAL(14, 2)), CAST(coalesce(prix_m2, CASE WHEN prix_ht > haut * su THEN haut ELSE bas END) * su AS DECIMAL(14, 2)),
        '€ hors taxe',
        CASE WHEN CAST(permis_le AS DATE) < d['prix.permis_depuis'] THEN 'permis demandé avant que le prix soit plafonné'
            WHEN prix_ht IS NULL THEN 'prix non donné'
            WHEN su IS NULL THEN 'surface habitable non donnée'
            WHEN bas IS NULL THEN 'aucun prix plafond détenu au jour du fait générateur'
            WHEN permis_le IS NULL AND prix_ht > coalesce(prix_m2, bas) * su THEN
                'date de demande du permis non donnée : le prix n''est plafonné qu''à partir d''un jour'
            WHEN prix_m2 IS NOT NULL THEN 'zone ' || zone || ', ' || su || ' m² de surface utile'
            WHEN prix_ht <= bas * su THEN 'sous le plafond de toutes les zones ; ' || su || ' m² de surface utile'
            WHEN prix_ht > haut * su THEN 'au-dessus du plafond de toutes les zones ; ' || su || ' m² de surface utile'
            ELSE 'prix plafond de la commune non déterminé : ' || coalesce(manque, 'commune non détenue ce jour') END,
        concat_ws(' ; ', coalesce(edition_prix || ', ' || source_lieu_prix, acte), s['prix.permis_depuis']) FROM calcul
    UNION ALL
    SELECT 5, 'ressources',
        CASE WHEN CAST(contrat_le AS DATE) < d['ressources.contrats_depuis'] THEN NULL
            ELSE ressources_n2 <= plafond END,
        CAST(ressources_n2 AS DECIMAL(14, 2)), plafond, '€ (revenu fiscal de référence N-2)',
        CASE WHEN CAST(contrat_le AS DATE) < d['ressources.contrats_depuis'] THEN 'contrat antérieur à ces modalités d''appréciation'
            WHEN ressources_n2 IS NULL THEN 'ressources non données'
            WHEN personnes_supplementaires > 0 AND CAST(categorie AS TEXT) <> '6' THEN 'des personnes ne s''ajoutent qu''à la catégorie 6'
            WHEN plafond IS NULL THEN 'aucun plafond détenu pour la commune au jour du fait générateur'
            WHEN contrat_le IS NOT NULL THEN 'revenus de ' || (year(CAST(contrat_le AS DATE)) + CAST(v['ressources.annee_du_revenu'] AS INTEGER)) END,
        concat_ws(' ; ', edition_plafonds || ', ' || ou, s['ressources.majoration']) FROM calcul
    UNION ALL
    SELECT 6, 'residence_principale', CAST(residence_principale AS BOOLEAN), NULL, NULL, NULL,
        CASE WHEN residence_principale IS NULL THEN 'usage non donné' END,
        s['destination.residence_principale'] FROM calcul
)
SELECT rang, condition,
    CASE WHEN tenue THEN 'oui' WHEN NOT tenue THEN 'non' ELSE 'non déterminé' END AS verdict,
    chiffre, limite, unite, motif, source
FROM conditions
UNION ALL
SELECT 7, 'ensemble',
    CASE WHEN bool_or(NOT tenue) THEN 'non' WHEN bool_and(coalesce(tenue, false)) THEN 'oui' ELSE 'non déterminé' END,
    NULL, NULL, NULL,
    nullif(concat_ws(' ; ', 'non : ' || string_agg(condition, ', ' ORDER BY rang) FILTER (NOT tenue),
        'non déterminé : ' || string_agg(condition, ', ' ORDER BY rang) FILTER (tenue IS NULL)), ''),
    'bulletin 8 A-2-09, § 14'
FROM conditions
HAVING count(*) > 0
ORDER BY 1;
COMMENT ON MACRO TABLE main.eligibilite_tva IS
    'Conditions du taux réduit de TVA en zone de rénovation urbaine (bulletin 8 A-2-09), une ligne chacune : verdict (oui, non, non déterminé), chiffre donné, limite, motif, source ; puis l''ensemble. commune : code INSEE ; categorie : catégorie de ménages ; fait_generateur_le : jour de la vente ou de la livraison, auquel prix et plafonds sont pris ; le reste se donne par son nom (prix_ht :=, ressources_n2 :=, permis_le :=, contrat_le :=, distance_m := 0 dans le quartier, convention_le :=, convention_fin_le :=, residence_principale :=, surfaces en m²). Ce qui n''est pas donné ou n''est pas détenu est non déterminé. Une commune ou une catégorie inconnues, un nombre négatif sont des erreurs. Aide à la lecture du bulletin, non une décision.';

CREATE MACRO main.tva_a_reverser(commune, base_ht, fait_generateur_le, evenement_le, evenement := 'revente') AS TABLE
WITH sans AS (
    SELECT list(replace(x.regle, 'exception.', '') ORDER BY x.ligne) AS exceptions,
        map_from_entries(list((replace(x.regle, 'exception.', ''), 'bulletin 8 A-2-09, § ' || x.paragraphe || ', ' || x.source_lieu))) AS s
    FROM main.regles x WHERE x.regle LIKE 'exception.%'
),
donnees AS (
    SELECT CASE
            WHEN CAST(commune AS TEXT) LIKE '2A%' OR CAST(commune AS TEXT) LIKE '2B%' THEN 'corse'
            WHEN CAST(commune AS TEXT) LIKE '971%' THEN 'guadeloupe'
            WHEN CAST(commune AS TEXT) LIKE '972%' THEN 'martinique'
            WHEN CAST(commune AS TEXT) LIKE '973%' THEN 'guyane'
            WHEN CAST(commune AS TEXT) LIKE '974%' THEN 'la_reunion'
            WHEN CAST(commune AS TEXT) NOT LIKE '97%' THEN 'france_continentale' END AS ou,
        sans.s, sans.exceptions
    FROM sans
    WHERE CASE
        WHEN CAST(commune AS TEXT) NOT IN (SELECT o.code_commune FROM ref.communes o) THEN
            error('commune inconnue : ' || commune || ' ; un code INSEE à cinq caractères est attendu')
        WHEN NOT list_contains(list_concat(sans.exceptions, ['revente', 'location', 'residence_secondaire', 'condition_initiale']), evenement) THEN
            error('événement inconnu : ' || evenement || ' ; connus : revente, location, residence_secondaire, condition_initiale, ' || array_to_string(sans.exceptions, ', '))
        ELSE true END
),
taux AS (
    SELECT t.* FROM main.taux_tva_logement_as_of(CAST(fait_generateur_le AS DATE), avec_a_verifier := true) t
),
calcul AS (
    SELECT n.ou, n.s, n.exceptions, t.taux_normal_pct AS normal, t.taux_reduit_pct AS reduit, t.vigueur AS vigueur_taux,
        t.edition, t.source_lieu,
        date_sub('year', CAST(fait_generateur_le AS DATE), CAST(evenement_le AS DATE)) AS annees,
        CASE WHEN list_contains(n.exceptions, evenement) THEN CAST(0 AS DECIMAL(14, 2))
            WHEN evenement = 'condition_initiale' THEN
                CAST(CAST(base_ht AS DECIMAL(14, 2)) * (t.taux_normal_pct - t.taux_reduit_pct) * 0.01 AS DECIMAL(14, 2))
            ELSE main.complement_tva(base_ht, t.taux_normal_pct, t.taux_reduit_pct, fait_generateur_le, evenement_le) END AS montant
    FROM donnees n LEFT JOIN taux t ON t.territoire = n.ou
)
SELECT ou AS territoire, normal AS taux_normal_pct, reduit AS taux_reduit_pct,
    CAST(CAST(base_ht AS DECIMAL(14, 2)) * (normal - reduit) * 0.01 AS DECIMAL(14, 2)) AS difference_euros,
    CASE WHEN annees >= 0 THEN greatest(0, annees - (SELECT CAST(x.valeur AS INTEGER) FROM main.regles x
        WHERE x.regle = 'reversement.annees_sans_reduction')) END AS annees_au_dela,
    montant AS complement_euros,
    CASE WHEN montant > 0 THEN 'oui' WHEN montant = 0 THEN 'non' ELSE 'non déterminé' END AS verdict,
    vigueur_taux,
    CASE WHEN list_contains(exceptions, evenement) THEN 'événement sans reversement'
        WHEN normal IS NULL THEN 'aucun taux imprimé pour ce territoire'
        WHEN montant IS NULL THEN 'l''événement précède le fait générateur'
        WHEN evenement = 'condition_initiale' THEN 'condition manquante dès l''origine : différence entière'
        WHEN montant = 0 THEN 'quinze ans passés' END AS motif,
    concat_ws(' ; ', s[evenement], edition || ', ' || source_lieu) AS source
FROM calcul;
COMMENT ON MACRO TABLE main.tva_a_reverser IS
    'TVA à reverser si un événement fait perdre le taux réduit (bulletin 8 A-2-09, paragraphes 15 à 21) : taux du territoire de la commune, différence, années au-delà de la cinquième, complément et verdict (oui : dû ; non : rien n''est dû ; non déterminé). evenement : revente, location, residence_secondaire ; condition_initiale (une condition manquait dès l''origine : toute la différence) ; ou l''un des sept cas sans reversement : deces, deces_descendant, mobilite, chomage, invalidite, divorce, pacs. vigueur_taux dit a_verifier hors des jours où le bulletin constate les taux. Une commune ou un événement inconnus sont des erreurs.';

-- requires: plafonds_plus_as_of, history.plafonds_plus
-- smoke: SELECT plafond_plus('6', 2, 'autres_regions', DATE '2009-07-01')
-- smoke: SELECT plafond_tva_anru('6', 2, 'autres_regions', DATE '2009-07-01')
-- The increment is printed for category 6 and above only. Columns are renamed by their place: a parameter and a column of
-- one name are a conflict.
CREATE MACRO main.plafond_plus(categorie, personnes_supplementaires, territoire, le) AS (
    SELECT CASE
        WHEN NOT list_contains(k.territoires, territoire) THEN
            error('territoire inconnu : ' || territoire || ' ; connus : ' || array_to_string(k.territoires, ', '))
        WHEN NOT list_contains(k.categories, CAST(categorie AS TEXT)) THEN
            error('catégorie inconnue : ' || categorie || ' ; connues : ' || array_to_string(k.categories, ', '))
        WHEN personnes_supplementaires < 0 THEN
            error('personnes supplémentaires négatives : ' || personnes_supplementaires)
        ELSE k.euros END
    FROM (
        SELECT
            (SELECT list(DISTINCT h.territoire ORDER BY h.territoire) FROM history.plafonds_plus h) AS territoires,
            (SELECT list(DISTINCT h.categorie_menage ORDER BY h.categorie_menage) FROM history.plafonds_plus h) AS categories,
            (
                SELECT CASE
                    WHEN personnes_supplementaires = 0 THEN any_value(p.plafond_euros) FILTER (p.categorie_menage = CAST(categorie AS TEXT))
                    WHEN personnes_supplementaires > 0 AND CAST(categorie AS TEXT) = '6' THEN
                        any_value(p.plafond_euros) FILTER (p.categorie_menage = '6')
                        + personnes_supplementaires * any_value(p.plafond_euros) FILTER (p.est_increment)
                    END
                FROM main.plafonds_plus_as_of(le) AS p(categorie_menage, libelle_categorie, un_territoire, plafond_euros, est_increment)
                WHERE p.un_territoire = territoire
            ) AS euros
    ) k
);
COMMENT ON MACRO main.plafond_plus IS
    'Plafond annuel de ressources PLUS, en euros (revenu fiscal de référence de l''année N-2) : catégorie de ménages 1 à 6, personnes au-delà de la catégorie 6, territoire (paris_et_limitrophes, ile_de_france_hors_paris_et_limitrophes, autres_regions), jour. Une catégorie n''est pas un nombre de personnes. Un territoire ou une catégorie inconnus, un nombre de personnes négatif sont des erreurs. NULL si rien de détenu n''était en vigueur, ou si des personnes sont ajoutées à une catégorie autre que 6. Exemple : plafond_plus(''6'', 2, ''autres_regions'', DATE ''2009-07-01'').';

CREATE MACRO main.plafond_tva_anru(categorie, personnes_supplementaires, territoire, le) AS (
    CAST(main.plafond_plus(categorie, personnes_supplementaires, territoire, le) * 1.30 AS DECIMAL(12, 2))
);
COMMENT ON MACRO main.plafond_tva_anru IS
    'Plafond de ressources de l''accédant pour la TVA à taux réduit en zone de rénovation urbaine, en euros : celui du PLUS majoré de 30 % (bulletin 8 A-2-09, paragraphe 24 ; regles, ressources.majoration). Mêmes arguments que plafond_plus.';

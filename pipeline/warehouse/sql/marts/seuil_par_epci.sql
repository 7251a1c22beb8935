-- requires: premier_quartile
-- smoke: SELECT * FROM seuil_par_epci LIMIT 1
-- One row an EPCI: the annex prints one row for each of its départements.
CREATE VIEW main.seuil_par_epci AS
SELECT
    annee,
    siren,
    any_value(nom_epci ORDER BY row_no) AS nom_epci,
    any_value(nom_officiel ORDER BY row_no) AS nom_officiel,
    any_value(type_territoire ORDER BY row_no) AS type_territoire,
    list(code_departement ORDER BY code_departement) AS departements,
    list(DISTINCT code_region ORDER BY code_region) AS regions,
    CASE WHEN count(DISTINCT seuil_euros_par_uc_an) = 1 THEN any_value(seuil_euros_par_uc_an) END
        AS seuil_euros_par_uc_an,
    any_value(perimetre_calcul ORDER BY row_no) AS perimetre_calcul,
    any_value(edition) AS edition,
    any_value(source_url) AS source_url,
    list(source_lieu ORDER BY row_no) AS source_lieux,
    any_value(valid_from) AS valid_from,
    any_value(valid_to) AS valid_to,
    any_value(vigueur) AS vigueur
FROM main.premier_quartile
GROUP BY annee, siren
ORDER BY annee, min(row_no);
COMMENT ON VIEW main.seuil_par_epci IS
    'Seuil du premier quartile, une ligne par EPCI (dernière édition détenue). Compter et comparer les EPCI ici, non dans premier_quartile, où un EPCI à cheval a une ligne par département.';
COMMENT ON COLUMN main.seuil_par_epci.annee IS 'Année de l''arrêté.';
COMMENT ON COLUMN main.seuil_par_epci.siren IS 'SIREN de l''EPCI, de l''établissement public territorial ou de la commune.';
COMMENT ON COLUMN main.seuil_par_epci.nom_epci IS 'Nom tel qu''imprimé sur sa première ligne.';
COMMENT ON COLUMN main.seuil_par_epci.nom_officiel IS 'Nom officiel au 1er janvier de l''année ; NULL si absent du référentiel.';
COMMENT ON COLUMN main.seuil_par_epci.type_territoire IS 'Nature juridique, d''après le référentiel.';
COMMENT ON COLUMN main.seuil_par_epci.departements IS 'Codes des départements imprimés.';
COMMENT ON COLUMN main.seuil_par_epci.regions IS 'Codes des régions de ces départements.';
COMMENT ON COLUMN main.seuil_par_epci.seuil_euros_par_uc_an IS 'Seuil de ressources annuelles, en euros par unité de consommation ; NULL si l''annexe en imprime plusieurs pour cet EPCI.';
COMMENT ON COLUMN main.seuil_par_epci.perimetre_calcul IS 'Territoire sur lequel le quartile est calculé.';
COMMENT ON COLUMN main.seuil_par_epci.edition IS 'Acte qui porte la ligne.';
COMMENT ON COLUMN main.seuil_par_epci.source_url IS 'Adresse de la source.';
COMMENT ON COLUMN main.seuil_par_epci.source_lieux IS 'Où chaque ligne de cet EPCI est imprimée.';
COMMENT ON COLUMN main.seuil_par_epci.valid_from IS 'Premier jour d''effet.';
COMMENT ON COLUMN main.seuil_par_epci.valid_to IS 'Premier jour où le seuil ne vaut plus ; NULL : aucune fin connue.';
COMMENT ON COLUMN main.seuil_par_epci.vigueur IS 'Au jour de la requête : en_vigueur, expire, remplace, a_venir ou a_verifier.';

-- requires: regles, complement_tva
-- smoke: SELECT CASE WHEN coalesce(bool_and(concorde), true) THEN true ELSE error('complement_tva ne rend pas les montants de l''exemple du bulletin') END FROM exemple_tva
-- The worked example of the bulletin, each printed amount beside what the macro gives: a publish stops where they differ.
CREATE VIEW main.exemple_tva AS
WITH x AS (
    SELECT map_from_entries(list((regle, valeur))) AS v, map_from_entries(list((regle, date_regle))) AS d FROM main.regles
)
SELECT r.regle, r.sujet, r.date_regle AS date_evenement, r.valeur AS montant_imprime_euros,
    main.complement_tva(x.v['exemple.base'], x.v['exemple.taux_normal'], x.v['exemple.taux_reduit'], x.d['exemple.base'],
        r.date_regle) AS montant_calcule_euros,
    r.valeur = main.complement_tva(x.v['exemple.base'], x.v['exemple.taux_normal'], x.v['exemple.taux_reduit'],
        x.d['exemple.base'], r.date_regle) AS concorde,
    r.source_lieu, r.source_role, r.edition, r.vigueur
FROM main.regles r, x
WHERE r.regle LIKE 'exemple.complement%'
ORDER BY r.ligne;
COMMENT ON VIEW main.exemple_tva IS
    'L''exemple du bulletin 8 A-2-09 (paragraphes 18 et 21) : chaque montant imprimé à côté de celui que complement_tva rend. Un écart arrête la publication.';
COMMENT ON COLUMN main.exemple_tva.regle IS 'Règle qui porte le montant (regles).';
COMMENT ON COLUMN main.exemple_tva.sujet IS 'De quoi il s''agit.';
COMMENT ON COLUMN main.exemple_tva.date_evenement IS 'Jour où la condition cesse d''être remplie.';
COMMENT ON COLUMN main.exemple_tva.montant_imprime_euros IS 'Montant que le bulletin imprime, en euros.';
COMMENT ON COLUMN main.exemple_tva.montant_calcule_euros IS 'Montant que complement_tva rend, en euros.';
COMMENT ON COLUMN main.exemple_tva.concorde IS 'Vrai si les deux sont égaux.';
COMMENT ON COLUMN main.exemple_tva.source_lieu IS 'Ligne du bulletin.';
COMMENT ON COLUMN main.exemple_tva.source_role IS 'publie, extrait ou compose (regles.source_role).';
COMMENT ON COLUMN main.exemple_tva.edition IS 'Acte qui porte l''exemple.';
COMMENT ON COLUMN main.exemple_tva.vigueur IS 'De la règle, au jour de la requête (regles.vigueur).';

-- smoke: SELECT complement_tva(100000, 19.6, 5.5, DATE '2009-09-01', DATE '2019-04-01')
-- CGI art. 284 II; bulletin 8 A-2-09, paragraphs 15, 17-18, 20-21 and annex 3: its figures (5 years, a tenth, 15 years)
-- are rows of `regles`, against which a test holds these constants. `date_sub` counts complete years, the anniversary
-- counting; products stay DECIMAL, since a division would make them DOUBLE.
CREATE MACRO main.complement_tva(base_ht_euros, taux_normal_pct, taux_reduit_pct, date_fait_generateur, date_evenement)
AS (
    CASE WHEN base_ht_euros < 0 THEN error('complement_tva : base négative : ' || base_ht_euros)
    WHEN taux_normal_pct > 0 AND taux_normal_pct < 1 OR taux_reduit_pct > 0 AND taux_reduit_pct < 1 THEN
        error('complement_tva : taux en pour cent attendus (19.6, et non 0.196) : ' || taux_normal_pct || ', ' || taux_reduit_pct)
    WHEN taux_normal_pct < 0 OR taux_normal_pct > 100 OR taux_reduit_pct < 0 THEN
        error('complement_tva : taux hors de 0 à 100 : ' || taux_normal_pct || ', ' || taux_reduit_pct)
    WHEN taux_reduit_pct > taux_normal_pct THEN
        error('complement_tva : le taux réduit ' || taux_reduit_pct || ' dépasse le taux normal ' || taux_normal_pct)
    WHEN CAST(date_evenement AS DATE) >= CAST(date_fait_generateur AS DATE) THEN
        CAST(
            CAST(base_ht_euros AS DECIMAL(14, 2))
            * (CAST(taux_normal_pct AS DECIMAL(5, 2)) - CAST(taux_reduit_pct AS DECIMAL(5, 2)))
            * CAST(10 - least(10, greatest(0,
                date_sub('year', CAST(date_fait_generateur AS DATE), CAST(date_evenement AS DATE)) - 5
            )) AS DECIMAL(2, 0))
            * 0.001
        AS DECIMAL(14, 2))
    END
);
COMMENT ON MACRO main.complement_tva IS
    'Complément de TVA à reverser, en euros, quand les conditions du taux réduit cessent d''être remplies (CGI, art. 284 II ; bulletin 8 A-2-09, paragraphes 15 à 21 et annexe 3) : différence entre le taux normal et le taux réduit, diminuée d''un dixième par année complète de détention au-delà de la cinquième ; nul après quinze ans. Taux en pour cent (19.6) ; un taux inférieur à 1, négatif ou supérieur à 100, un taux réduit supérieur au taux normal, une base négative sont des erreurs. NULL si l''événement précède le fait générateur. Ne vaut pas si une condition manquait dès l''origine (différence entière), ni dans les sept cas du paragraphe 20 (rien n''est dû). Taux : taux_tva_logement.';

-- grain: one row per association (of the register, or that answered) and year of answers
create or replace temp table cadre as
with annees as (
    select distinct millesime
    from base_reponses
),

-- two rows of the register may be one association once its own answers are known
fiches as (
    select
        coalesce(par_cle.cle_association, par_rna.cle_association, par_siren.cle_association, f.cle) as cle_association,
        f.*
    from registre_lu as f
    left join base_identites as par_cle on f.cle = par_cle.identite
    left join base_identites as par_rna on f.rna = par_rna.identite
    left join base_identites as par_siren on f.siren = par_siren.identite
),

connues as (
    select
        cle_association,
        min(code_commune) as code_commune,
        min(secteur) as secteur,
        min(siren) as siren,
        max(effectif_tranche) as effectif_tranche,
        max(annee_declaration) as annee_declaration,
        min(annee_creation) as annee_creation,
        bool_and(etat = 'dissoute') as est_dissoute
    from fiches
    group by cle_association
),

-- what the associations outside the register said of themselves
reponses as (
    select r.cle_association, min(r.commune) as code_commune, max(r.millesime) as derniere
    from base_reponses as r
    where r.cle_association not in (select cle_association from base_refus)
    group by r.cle_association
),

salaries as (
    select cle_association, max(nb_salaries) as nb
    from courant.emploi
    group by cle_association
),

secteurs as (
    select cle_association, min(domaine) as domaine
    from base_situation
    where domaine <> 'non_classe'
    group by cle_association
),

subventions as (
    select cle_association, max(millesime) as millesime
    from base_subventions
    group by cle_association
),

toutes as (
    select
        coalesce(c.cle_association, r.cle_association) as cle_association,
        coalesce(c.code_commune, r.code_commune) as code_commune,
        coalesce(c.secteur, d.domaine, 'non_classe') as secteur,
        case
            when k.classe is not null then k.classe
            when coalesce(s.nb, 0) = 0 then 'sans'
            when s.nb <= 2 then '1_2'
            when s.nb <= 9 then '3_9'
            when s.nb <= 49 then '10_49'
            else '50_plus'
        end as classe,
        c.effectif_tranche is not null and c.effectif_tranche <> 'NN' as est_employeuse,
        c.annee_declaration,
        c.annee_creation,
        c.siren,
        coalesce(c.est_dissoute, false) as est_dissoute,
        r.derniere
    from connues as c
    full join reponses as r on c.cle_association = r.cle_association
    left join classes as k on c.cle_association is not null and k.code = coalesce(c.effectif_tranche, '')
    left join salaries as s on r.cle_association = s.cle_association
    left join secteurs as d on r.cle_association = d.cle_association
),

preuves as (
    select
        t.*,
        a.millesime,
        coalesce(t.derniere >= a.millesime, false) as a_repondu,
        coalesce(greatest(s.millesime, u.millesime) > a.millesime - $subvention, false) as a_subvention,
        coalesce(t.annee_declaration > a.millesime - $declaration, false) as a_declare,
        coalesce(t.annee_declaration <= a.millesime - $silence, false) as est_muette,
        -- created later, or dissolved: not in the frame of that year
        t.est_dissoute or coalesce(t.annee_creation > a.millesime, false) as est_hors
    from toutes as t
    left join subventions as s on t.cle_association = s.cle_association
    left join subventions as u on concat('SIREN:', t.siren) = u.cle_association
    cross join annees as a
)

select
    p.cle_association, p.millesime, p.code_commune, z.code as code_epci, p.secteur, p.classe, p.a_repondu,
    p.a_subvention, p.est_employeuse, p.a_declare,
    p.a_repondu or (not p.est_hors and (p.a_subvention or p.est_employeuse or p.a_declare)) as est_actif,
    p.a_repondu or (not p.est_hors and (p.a_subvention or p.est_employeuse or not p.est_muette)) as est_plausible
from preuves as p
left join rattachements as z on p.code_commune = z.code_commune and z.niveau = 'epci'

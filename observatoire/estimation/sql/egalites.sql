-- grain: one row per equality (total, kind of parts) and part
create or replace temp table egalites as
with emboitements as (
    select distinct p.niveau as niveau_total, p.code as code_total, e.niveau, e.code
    from rattachements as p
    inner join rattachements as e on p.code_commune = e.code_commune
    where (p.niveau = 'departement' and e.niveau <> 'departement')
        or (p.niveau in ('epci', 'arrondissement', 'canton') and e.niveau = 'commune')
)

select t.bloc as total, e.niveau as parts, p.bloc as part
from blocs as t
inner join emboitements as e on t.niveau = e.niveau_total and t.code = e.code_total
inner join blocs as p
    on e.niveau = p.niveau and e.code = p.code and t.famille = p.famille and t.millesime = p.millesime
    and t.domaine = p.domaine and t.financeur = p.financeur
union all
select t.bloc, 'domaine', p.bloc
from blocs as t
inner join blocs as p
    on t.famille = p.famille and t.millesime = p.millesime and t.niveau = p.niveau and t.code = p.code
    and t.financeur = p.financeur and p.domaine <> 'tous'
where t.domaine = 'tous'

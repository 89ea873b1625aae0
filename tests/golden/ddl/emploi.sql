-- Une ligne par association et par année.
create table if not exists enquete.emploi (
    nom_association VARCHAR not null,
    rna VARCHAR,
    siret VARCHAR,
    commune VARCHAR,
    code_postal VARCHAR,
    annee INTEGER,
    nb_salaries BIGINT,
    nb_cdi BIGINT,
    nb_cdi_intermittents BIGINT,
    nb_cdd BIGINT,
    nb_vacations BIGINT,
    nb_contrats_aides BIGINT,
    nb_alternants BIGINT,
    nb_cddi BIGINT,
    nb_mis_a_disposition BIGINT,
    nb_temps_partiel BIGINT,
    nb_femmes BIGINT,
    etp_total DOUBLE,
    etp_financement_moins_12_mois DOUBLE,
    nb_postes_non_pourvus BIGINT,
    nb_departs BIGINT,
    millesime INTEGER,
    cle_association VARCHAR,
    qualite VARCHAR,
    depot_id VARCHAR not null,
    feuille VARCHAR not null,
    ligne INTEGER not null,
    lignes_source INTEGER[]
);
comment on table enquete.emploi is 'L’emploi salarié. Une ligne par association et par année.';
comment on column enquete.emploi.nom_association is 'Nom de l’association. Le nom déclaré en préfecture, en entier. Un sigle seul ne suffit pas à retrouver l’association.';
comment on column enquete.emploi.rna is 'Numéro RNA. Le numéro du répertoire national des associations : W suivi de neuf chiffres. Il est sur le récépissé de la préfecture.';
comment on column enquete.emploi.siret is 'Numéro SIRET. Les 14 chiffres de l’établissement, si l’association en a un. Le SIREN (9 chiffres) est accepté faute de mieux.';
comment on column enquete.emploi.commune is 'Commune du siège. La commune du siège : son nom officiel ou son code INSEE (5 chiffres). Pas de « CEDEX ».';
comment on column enquete.emploi.code_postal is 'Code postal du siège. Les cinq chiffres du code postal. Il aide à départager deux communes de même nom, il ne remplace pas la commune.';
comment on column enquete.emploi.annee is 'Année des données. L’année dont parlent les réponses. Sans elle, l’année indiquée au dépôt du fichier est retenue.';
comment on column enquete.emploi.nb_salaries is 'Nombre de salariés [personnes]. Les personnes salariées au 31 décembre, tous contrats, à temps plein ou partiel. Ni bénévoles, ni services civiques, ni salariés prêtés par d’autres. Écrivez 0 s’il n’y en a pas.';
comment on column enquete.emploi.nb_cdi is 'Dont CDI [personnes]. Les salariés en contrat à durée indéterminée, intermittents compris.';
comment on column enquete.emploi.nb_cdi_intermittents is 'Dont CDI intermittents [personnes]. Parmi les CDI, ceux qui alternent périodes travaillées et non travaillées.';
comment on column enquete.emploi.nb_cdd is 'Dont CDD [personnes]. Les salariés en contrat à durée déterminée ordinaire, présents au 31 décembre.';
comment on column enquete.emploi.nb_vacations is 'Dont CDD d’usage et vacations [personnes]. Les personnes employées à la vacation ou en CDD d’usage.';
comment on column enquete.emploi.nb_contrats_aides is 'Dont contrats aidés [personnes]. PEC, CUI, adultes-relais, postes Fonjep. Un contrat aidé peut aussi être un CDI ou un CDD : comptez-le dans les deux colonnes.';
comment on column enquete.emploi.nb_alternants is 'Dont alternants [personnes]. Apprentis et contrats de professionnalisation.';
comment on column enquete.emploi.nb_cddi is 'Dont CDD d’insertion (CDDI) [personnes]. Les salariés en parcours d’insertion par l’activité économique.';
comment on column enquete.emploi.nb_mis_a_disposition is 'Personnes mises à disposition [personnes]. Les personnes payées par une autre structure et qui travaillent ici. Elles ne comptent pas parmi les salariés.';
comment on column enquete.emploi.nb_temps_partiel is 'Dont à temps partiel [personnes]. Les salariés qui font moins de 35 heures par semaine, tous contrats.';
comment on column enquete.emploi.nb_femmes is 'Dont femmes salariées [personnes]. Parmi les salariés, le nombre de femmes.';
comment on column enquete.emploi.etp_total is 'ETP salariés de l’année [ETP]. Les équivalents temps plein de l’année : un mi-temps toute l’année vaut 0,5.';
comment on column enquete.emploi.etp_financement_moins_12_mois is 'ETP financés pour moins de 12 mois [ETP]. Parmi les ETP, ceux dont le financement n’est pas assuré au-delà des douze prochains mois.';
comment on column enquete.emploi.nb_postes_non_pourvus is 'Postes non pourvus [postes]. Les postes ouverts restés vacants au 31 décembre faute de candidats.';
comment on column enquete.emploi.nb_departs is 'Départs dans l’année [personnes]. Les salariés partis dans l’année : démission, fin de contrat, licenciement, retraite.';
comment on column enquete.emploi.millesime is 'Année des données, lue dans la ligne ou donnée au dépôt.';
comment on column enquete.emploi.cle_association is 'Clé de l’association : RNA, sinon SIREN, sinon nom et commune.';
comment on column enquete.emploi.qualite is 'JSON par champ : motif d’absence, lecture interprétée, texte écarté. NULL si tout est net.';
comment on column enquete.emploi.depot_id is 'Dépôt d’où vient la ligne.';
comment on column enquete.emploi.feuille is 'Feuille du classeur déposé.';
comment on column enquete.emploi.ligne is 'Ligne de la feuille, comptée à partir de 1.';
comment on column enquete.emploi.lignes_source is 'Lignes de la feuille résumées par celle-ci, quand il y en a plusieurs.';

-- Une ligne par décision et par bénéficiaire, telle que le financeur l’a publiée. Deux lignes semblables peuvent être deux versements.
create table if not exists enquete.subventions (
    nom_attribuant VARCHAR not null,
    id_attribuant VARCHAR,
    date_convention DATE,
    annee_exercice INTEGER,
    reference_decision VARCHAR,
    nom_beneficiaire VARCHAR not null,
    id_beneficiaire VARCHAR,
    rna_beneficiaire VARCHAR,
    commune_beneficiaire VARCHAR,
    objet VARCHAR,
    montant DECIMAL(18,2) not null,
    nature VARCHAR,
    conditions_versement VARCHAR,
    dates_versement VARCHAR,
    id_rae VARCHAR,
    notification_ue BOOLEAN,
    pourcentage DOUBLE,
    dispositif VARCHAR,
    millesime INTEGER,
    cle_association VARCHAR,
    qualite VARCHAR,
    depot_id VARCHAR not null,
    feuille VARCHAR not null,
    ligne INTEGER not null,
    lignes_source INTEGER[]
);
comment on table enquete.subventions is 'Les subventions versées. Une ligne par décision et par bénéficiaire, telle que le financeur l’a publiée. Deux lignes semblables peuvent être deux versements.';
comment on column enquete.subventions.nom_attribuant is 'Nom de l’attribuant. La collectivité ou l’administration qui accorde la subvention.';
comment on column enquete.subventions.id_attribuant is 'SIRET de l’attribuant. Les 14 chiffres du SIRET de l’administration qui accorde la subvention.';
comment on column enquete.subventions.date_convention is 'Date de la convention. Le jour de la signature de la convention ou, à défaut, de la décision d’attribution.';
comment on column enquete.subventions.annee_exercice is 'Exercice budgétaire. L’année du budget qui paie la subvention. À défaut, l’année de la convention est retenue.';
comment on column enquete.subventions.reference_decision is 'Référence de la décision. Le numéro de la délibération, de l’arrêté ou du dossier.';
comment on column enquete.subventions.nom_beneficiaire is 'Nom du bénéficiaire. Le nom officiel de l’association ou de l’organisme qui reçoit la subvention.';
comment on column enquete.subventions.id_beneficiaire is 'SIRET du bénéficiaire. Les 14 chiffres du SIRET de l’organisme qui reçoit. Le SIREN (9 chiffres) est accepté faute de mieux.';
comment on column enquete.subventions.rna_beneficiaire is 'Numéro RNA du bénéficiaire. Le numéro W de l’association, quand le financeur l’a noté.';
comment on column enquete.subventions.commune_beneficiaire is 'Commune du bénéficiaire. La commune du siège du bénéficiaire, par son nom ou son code INSEE, quand elle est connue.';
comment on column enquete.subventions.objet is 'Objet de la subvention. Ce que la subvention finance, en une phrase. Aucun nom de personne.';
comment on column enquete.subventions.montant is 'Montant de la subvention [€]. Le montant accordé, en euros. Quand une décision a plusieurs bénéficiaires, la part de chacun est dans la colonne « Part du bénéficiaire ».';
comment on column enquete.subventions.nature is 'Nature de la subvention. En argent, en nature (local, matériel, personnel prêté), ou les deux séparées par un point-virgule. Liste : natures_subvention.';
comment on column enquete.subventions.conditions_versement is 'Conditions de versement. Versement unique ou échelonné, et à quelles conditions.';
comment on column enquete.subventions.dates_versement is 'Dates ou période de versement. Une ou plusieurs dates, ou une période, telles que le financeur les a écrites.';
comment on column enquete.subventions.id_rae is 'Référence de l’aide au RAE. Le numéro unique de l’aide au référentiel des aides aux entreprises, quand il existe.';
comment on column enquete.subventions.notification_ue is 'Notifiée à la Commission européenne. Oui si l’aide a été notifiée à la Commission européenne au titre des aides d’État.';
comment on column enquete.subventions.pourcentage is 'Part du bénéficiaire [part du montant]. La part de la subvention qui revient à ce bénéficiaire : 1 ou 100 % quand il est seul.';
comment on column enquete.subventions.dispositif is 'Dispositif d’aide. Le nom du programme ou du fonds qui finance : FDVA, adultes-relais, politique de la ville…';
comment on column enquete.subventions.millesime is 'Année des données, lue dans la ligne ou donnée au dépôt.';
comment on column enquete.subventions.cle_association is 'Clé de l’association : RNA, sinon SIREN, sinon nom et commune.';
comment on column enquete.subventions.qualite is 'JSON par champ : motif d’absence, lecture interprétée, texte écarté. NULL si tout est net.';
comment on column enquete.subventions.depot_id is 'Dépôt d’où vient la ligne.';
comment on column enquete.subventions.feuille is 'Feuille du classeur déposé.';
comment on column enquete.subventions.ligne is 'Ligne de la feuille, comptée à partir de 1.';
comment on column enquete.subventions.lignes_source is 'Lignes de la feuille résumées par celle-ci, quand il y en a plusieurs.';

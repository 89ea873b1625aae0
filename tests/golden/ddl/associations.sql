-- Une ligne par association et par année.
create table if not exists enquete.associations (
    nom_association VARCHAR not null,
    rna VARCHAR,
    siret VARCHAR,
    commune VARCHAR,
    code_postal VARCHAR,
    annee INTEGER,
    secteur VARCHAR,
    annee_creation INTEGER,
    nb_adherents BIGINT,
    nb_adherents_femmes BIGINT,
    nb_adherents_moins_18 BIGINT,
    employeuse BOOLEAN,
    territoire_intervention VARCHAR,
    publics VARCHAR,
    nb_beneficiaires BIGINT,
    siren_reseau VARCHAR,
    qpv BOOLEAN,
    code_qpv VARCHAR,
    nb_beneficiaires_qpv BIGINT,
    nb_situations_non_recours BIGINT,
    nb_non_connaissance BIGINT,
    nb_non_demande BIGINT,
    nb_non_reception BIGINT,
    nb_non_proposition BIGINT,
    nb_droits_ouverts BIGINT,
    consentement VARCHAR,
    parole VARCHAR,
    publier_parole BOOLEAN,
    millesime INTEGER,
    cle_association VARCHAR,
    qualite VARCHAR,
    depot_id VARCHAR not null,
    feuille VARCHAR not null,
    ligne INTEGER not null,
    lignes_source INTEGER[]
);
comment on table enquete.associations is 'Les associations. Une ligne par association et par année.';
comment on column enquete.associations.nom_association is 'Nom de l’association. Le nom déclaré en préfecture, en entier. Un sigle seul ne suffit pas à retrouver l’association.';
comment on column enquete.associations.rna is 'Numéro RNA. Le numéro du répertoire national des associations : W suivi de neuf chiffres. Il est sur le récépissé de la préfecture.';
comment on column enquete.associations.siret is 'Numéro SIRET. Les 14 chiffres de l’établissement, si l’association en a un. Le SIREN (9 chiffres) est accepté faute de mieux.';
comment on column enquete.associations.commune is 'Commune du siège. La commune du siège : son nom officiel ou son code INSEE (5 chiffres). Pas de « CEDEX ».';
comment on column enquete.associations.code_postal is 'Code postal du siège. Les cinq chiffres du code postal. Il aide à départager deux communes de même nom, il ne remplace pas la commune.';
comment on column enquete.associations.annee is 'Année des données. L’année dont parlent les réponses. Sans elle, l’année indiquée au dépôt du fichier est retenue.';
comment on column enquete.associations.secteur is 'Secteur d’activité principal. Le domaine où l’association consacre le plus de temps. Un seul choix dans la liste. Liste : secteurs.';
comment on column enquete.associations.annee_creation is 'Année de création. L’année de la déclaration en préfecture. Une date complète est acceptée : l’année en est tirée.';
comment on column enquete.associations.nb_adherents is 'Nombre d’adhérents [personnes]. Les personnes à jour de leur cotisation à la fin de l’année. Écrivez 0 s’il n’y en a pas.';
comment on column enquete.associations.nb_adherents_femmes is 'Dont adhérentes (femmes) [personnes]. Parmi les adhérents, le nombre de femmes et de filles.';
comment on column enquete.associations.nb_adherents_moins_18 is 'Dont adhérents de moins de 18 ans [personnes]. Parmi les adhérents, le nombre de mineurs.';
comment on column enquete.associations.employeuse is 'Association employeuse. Oui si l’association a versé au moins un salaire dans l’année, même quelques heures.';
comment on column enquete.associations.territoire_intervention is 'Territoire d’intervention. Jusqu’où l’association agit habituellement. Un seul choix, le plus large. Liste : territoires_intervention.';
comment on column enquete.associations.publics is 'Publics visés. À qui s’adressent les actions, en quelques mots : familles, jeunes, personnes âgées… Aucun nom de personne.';
comment on column enquete.associations.nb_beneficiaires is 'Nombre de bénéficiaires [personnes]. Les personnes différentes aidées ou accueillies dans l’année (file active). Une personne venue dix fois compte une fois : n’écrivez pas un nombre de passages ou de colis.';
comment on column enquete.associations.siren_reseau is 'SIREN de la fédération ou du réseau. Les neuf chiffres du SIREN de la fédération, de l’union ou du réseau auquel l’association adhère, si vous le connaissez.';
comment on column enquete.associations.qpv is 'Agit dans un quartier prioritaire. Oui si l’association mène une action régulière dans un quartier prioritaire de la politique de la ville (QPV), où que soit son siège.';
comment on column enquete.associations.code_qpv is 'Quartier prioritaire de l’action principale. Le code du quartier prioritaire (QPV) où se tient l’action principale, s’il y en a un : QN suivi de cinq chiffres et d’une lettre, ou QP suivi de six chiffres pour les quartiers d’avant 2024. Le nom du quartier convient s’il est dans la liste chargée. Laissez vide hors d’un quartier.';
comment on column enquete.associations.nb_beneficiaires_qpv is 'Dont bénéficiaires en quartier prioritaire [personnes]. Parmi les bénéficiaires, les personnes qui habitent un quartier prioritaire, si vous le savez.';
comment on column enquete.associations.nb_situations_non_recours is 'Situations de non-recours repérées [situations]. Le nombre de fois où une personne accueillie n’avait pas une aide à laquelle elle semblait avoir droit : droit inconnu, pas demandé, demandé mais pas reçu, jamais proposé. Une personne peut compter plusieurs fois. Laissez vide si vous ne le suivez pas.';
comment on column enquete.associations.nb_non_connaissance is 'Dont non-connaissance (droit inconnu) [situations]. Parmi ces situations, celles où la personne ne savait pas que l’aide existait. Une situation n’a qu’une raison : la première rencontrée. Laissez vide si vous ne le suivez pas.';
comment on column enquete.associations.nb_non_demande is 'Dont non-demande (droit pas demandé) [situations]. Parmi ces situations, celles où la personne connaissait l’aide et ne l’avait pas demandée. Une situation n’a qu’une raison : la première rencontrée. Laissez vide si vous ne le suivez pas.';
comment on column enquete.associations.nb_non_reception is 'Dont non-réception (droit pas reçu) [situations]. Parmi ces situations, celles où l’aide avait été demandée et n’était pas arrivée, ou pas en entier. Une situation n’a qu’une raison : la première rencontrée. Laissez vide si vous ne le suivez pas.';
comment on column enquete.associations.nb_non_proposition is 'Dont non-proposition (droit pas proposé) [situations]. Parmi ces situations, celles où un service n’avait pas proposé l’aide à la personne. Une situation n’a qu’une raison : la première rencontrée. Laissez vide si vous ne le suivez pas.';
comment on column enquete.associations.nb_droits_ouverts is 'Dont situations où le droit a été ouvert [situations]. Parmi ces situations, celles où l’aide a été obtenue dans l’année.';
comment on column enquete.associations.consentement is 'Accord de publication. Ce que l’association accepte : être citée, n’apparaître que dans des totaux, ou aucune publication. Sans réponse, seuls des totaux protégés sont publiés. Liste : consentements.';
comment on column enquete.associations.parole is 'Une réussite, une difficulté : en une phrase. Une phrase, 280 caractères au plus : ce qui a marché cette année, ou ce qui vous a manqué. Aucun nom de personne, ni celui de votre association ou de votre commune : l’extrait paraît sans dire de qui il vient.';
comment on column enquete.associations.publier_parole is 'Publier cet extrait. Oui si l’association accepte que cette phrase soit publiée, sans son nom, après relecture par une autre personne. Sans réponse, l’extrait n’est pas publié. Un oui se retire en redéposant non.';
comment on column enquete.associations.millesime is 'Année des données, lue dans la ligne ou donnée au dépôt.';
comment on column enquete.associations.cle_association is 'Clé de l’association : RNA, sinon SIREN, sinon nom et commune.';
comment on column enquete.associations.qualite is 'JSON par champ : motif d’absence, lecture interprétée, texte écarté. NULL si tout est net.';
comment on column enquete.associations.depot_id is 'Dépôt d’où vient la ligne.';
comment on column enquete.associations.feuille is 'Feuille du classeur déposé.';
comment on column enquete.associations.ligne is 'Ligne de la feuille, comptée à partir de 1.';
comment on column enquete.associations.lignes_source is 'Lignes de la feuille résumées par celle-ci, quand il y en a plusieurs.';

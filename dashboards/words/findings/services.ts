/** What checks of containers, hosts, mail, files, databases, jobs and backups say; see network.ts. */
export const services = {
  // Containers and hosts
  "the exporter knows no gate of host {}": "la vigie ne connaît pas de guichet de la machine {}",
  "the answer is no list of containers": "la réponse n'est pas une liste de conteneurs",
  "the answer is no description of a disk": "la réponse ne décrit pas un disque",
  "asking the host's gate": "question au guichet de la machine",
  "no container is named {}; expected it to run": "aucun conteneur ne s'appelle {} ; il devrait tourner",
  "{} is {}: {}; expected {}": "{} est dans l'état « {} » : {} ; attendu : {}",
  "it to run": "qu'il tourne",
  "its health check to pass": "que son contrôle de santé passe",
  "it to be ready within {} s": "qu'il soit prêt en {} s",
  "{} is declared and not there": "{} est déclaré mais absent",
  "{} runs for {} and is not declared": "{} tourne pour {} sans être déclaré",
  "{} was not made by this stack: somebody made it by hand":
    "{} n'a pas été créé par ce déploiement : quelqu'un l'a fait à la main",
  "{} was not made by this stack for {}: somebody made it by hand":
    "{} n'a pas été créé pour {} par ce déploiement : quelqu'un l'a fait à la main",
  "{} runs image {}, {} was deployed": "{} tourne avec l'image {}, {} avait été déployée",
  "{s} lost {}": "{} a perdu {}",
  "{s} got {}": "{} a reçu {}",
  "port {}": "le port {}",
  "{} % ({} GB) is left, expected {} % and {} GB": "il reste {} % ({} Go) ; attendu : {} % et {} Go",
  "{} % of the inodes is left, expected {} %": "il reste {} % des inodes ; attendu : {} %",
  "the exporter keeps no reports": "la vigie ne garde pas de rapports",
  "reading what the host reported": "lecture du rapport de la machine",
  "{} could not be asked: {}": "{} n'a pas pu être interrogé : {}",
  "smartctl ended with {}": "smartctl a fini par le code {}",
  "could not be asked: {}": "n'a pas pu être interrogé : {}",
  "says itself that it fails": "se dit lui-même en panne",
  "past its maker's limits: {}": "au-delà des limites de son fabricant : {}",
  "failed its last self-test": "a raté son dernier autotest",
  "{} says itself that it fails": "{} se dit lui-même en panne",
  "{} past its maker's limits: {}": "{} au-delà des limites de son fabricant : {}",
  "{} failed its last self-test": "{} a raté son dernier autotest",
  "{} {unreadable sector or error|unreadable sectors or errors} of the medium, expected {} at most":
    "{} {secteur illisible ou erreur|secteurs illisibles ou erreurs} de support, attendu : {} au plus",
  "{} {sector|sectors} replaced, expected {} at most": "{} {secteur remplacé|secteurs remplacés}, attendu : {} au plus",
  "{} % of its life used, expected {} % at most":
    "{} % de sa durée de vie {consommé|consommés}, attendu : {} % au plus",
  "{} °C, expected {} °C at most": "{} °C, attendu : {} °C au plus",
  "spare room": "réserve de blocs",
  "backup of its memory": "sauvegarde de sa mémoire",
  "persistent memory": "mémoire persistante",
  "{} of {} disks reported: {}": "{} {disque a|disques ont} donné signe de vie, sur {} : {}",
  "{}: in use for {} {day|days}, expected {} at most": "{} : en service depuis {} {jour|jours}, attendu : {} au plus",

  // Second places to watch from
  "the exporter's configuration names no lookout {}": "la configuration de la vigie ne nomme pas de vigie {}",
  "never heard of": "jamais de nouvelles",
  "never heard of: {}": "jamais de nouvelles : {}",
  "last heard of {} s ago": "dernières nouvelles il y a {} s",
  "last heard of {} s ago: {}": "dernières nouvelles il y a {} s : {}",
  "it does not know us: the keys differ": "elle ne nous connaît pas : les clés diffèrent",
  "{} is not its own: the proof does not hold": "{} n'est pas la sienne : la preuve ne tient pas",
  "its answer": "sa réponse",
  "its report": "son rapport",
  "the answer": "la réponse",
  "the listing": "la liste",
  "The lookout's own network is down: what it cannot reach is not blamed":
    "La vigie n'a plus de réseau : ce qu'elle ne peut pas joindre n'est pas mis en cause",
  "The machine's clock was never set: nothing is watched before it is, for five minutes at most":
    "L'horloge de la machine n'a jamais été réglée : rien n'est surveillé d'ici là, pendant cinq minutes au plus",
  "The machine's clock was never set: dates are wrong":
    "L'horloge de la machine n'a jamais été réglée : les dates sont fausses",
  "Alertmanager could not be told to be silent: {}": "Alertmanager n'a pas pu être mis en silence : {}",
  "it answered {}: {}": "il a répondu {} : {}",
  "no certificate in PEM (RFC 7468)": "pas de certificat PEM (RFC 7468)",
  "History is kept in memory only: {}": "L'historique n'est gardé qu'en mémoire : {}",
  "The file of incidents was damaged; it was moved to {} and a new one begun":
    "Le fichier des incidents était abîmé ; il a été mis de côté sous {} et un nouveau commencé",
  "The history file was damaged; it was moved to {}, and a new one begun with what could be read of it":
    "Le fichier de l'historique était abîmé ; il a été déplacé vers {}, et un nouveau a été commencé avec ce qui pouvait en être lu",
  "The history file was taken away while it was in use; what was known went into another one":
    "Le fichier de l'historique a été retiré pendant qu'il servait ; ce que l'on savait est passé dans un autre",
  "Incidents are kept in memory only: {}": "Les incidents ne sont gardés qu'en mémoire : {}",
  "is longer than {} bytes": "dépasse {} octets",
  "is no report: {}": "n'est pas un rapport : {}",
  "The lookout {} cannot be asked: {}": "La vigie {} ne peut pas être interrogée : {}",
  "The certificate of the authority at {} could not be learnt: {}":
    "Le certificat de l'autorité {} n'a pas pu être obtenu : {}",
  "reports of jobs cannot be kept: {}": "les rapports des tâches ne peuvent pas être gardés : {}",
  "{} cannot be read: {}": "{} ne peut pas être lu : {}",
  "{} is damaged: jobs count as never heard of until they report again":
    "{} est abîmé : les tâches comptent comme muettes jusqu'à leur prochain signe de vie",
  "who holds which role cannot be remembered: {}": "qui tient quel rôle ne peut pas être retenu : {}",

  // Jobs
  "the job reported a failure {} ago": "la tâche a signalé un échec il y a {}",
  "the job reported a failure {} ago: {}": "la tâche a signalé un échec il y a {} : {}",
  "the job began {} ago and has not ended; expected within {}":
    "la tâche a commencé il y a {} et n'a pas fini ; attendu : {} au plus",
  "the last success was {} ago; expected one every {}, {} late at most":
    "le dernier succès date d'il y a {} ; attendu à intervalles de {}, avec {} de retard au plus",
  "no success was ever reported; expected one every {}, {} late at most":
    "aucun succès n'a jamais été signalé ; attendu à intervalles de {}, avec {} de retard au plus",
  "reading what was reported": "lecture des signes de vie",

  // Mail
  "expected {}; the server said {}": "attendu : {} ; le serveur a dit {}",
  "a greeting (220)": "des salutations (220)",
  "an IMAP greeting": "des salutations IMAP",
  "a POP3 greeting": "des salutations POP3",
  "an LDAP answer": "une réponse LDAP",
  "expected {}": "attendu : {}",
  "250 to EHLO": "250 à EHLO",
  "250 to EHLO over TLS": "250 à EHLO sur TLS",
  "220 to STARTTLS": "220 à STARTTLS",
  "OK to STARTTLS": "OK à STARTTLS",
  "+OK to STLS": "+OK à STLS",
  "no SMTP answer: {}": "ce n'est pas une réponse SMTP : {}",
  "a line without end": "une ligne sans fin",
  "an answer without end": "une réponse sans fin",
  "asking to relay": "demande de relais",
  "expected messages of {} bytes to be taken; the limit is {}":
    "des messages de {} octets devraient passer ; la limite est {}",
  "an open relay: it takes mail from strangers to strangers":
    "relais ouvert : il prend le courrier d'inconnus pour des inconnus",
  "the server refuses {}": "le serveur refuse {}",
  "anybody without a name": "qui ne se nomme pas",
  "the server refused the message: {}": "le serveur a refusé le message : {}",
  "not there yet": "attente du message",
  "collecting reports": "relève des rapports",
  "our own message was taken for spam: it came to Junk":
    "notre propre message a été pris pour un indésirable : il est arrivé dans Junk",
  "the list's message was taken for spam: it came to Junk":
    "le message de la liste a été pris pour un indésirable : il est arrivé dans Junk",
  "looking at the archive": "consultation de l'archive",
  "waiting for the archive to show it": "attente du message dans l'archive",
  "{} answers {}, not 200": "{} répond {} au lieu de 200",
  "almost full: {} and {} more": "presque plein : {} et {} {autre|autres}",
  "almost full: {}": "presque plein : {}",
  "the mail server has no DKIM key": "le serveur de courrier n'a pas de clé DKIM",
  "the DKIM key {} has signed for {} {day|days}; expected {} at most":
    "la clé DKIM {} signe depuis {} {jour|jours} ; attendu : {} au plus",
  "{} {message waits|messages wait} in the queue; expected {} at most":
    "{} {message attend|messages attendent} dans la file ; attendu : {} au plus",
  "a message has waited for {} min; expected {} min at most":
    "un message attend depuis {} min ; attendu : {} min au plus",
  "others find mail from our own {} not authentic": "d'autres jugent non authentique le courrier de nos {}",
  "{} of {} messages in our name fail DMARC, most from {}":
    "DMARC échoue pour {} des {} messages à notre nom, la plupart depuis {}",
  "{} of {} connections of others to our server fail for TLS":
    "TLS a fait échouer {} des {} connexions d'autres serveurs au nôtre",
  "expected status 200 from {}; got {}": "code 200 attendu de {} ; reçu {}",
  "{} does not tell the state of a {}": "{} ne donne pas l'état d'un {}",
  "the {} last told its state {} s ago": "dernières nouvelles du {} il y a {} s",
  "mail server": "serveur de courrier",
  "file server": "serveur de fichiers",
  "{} has no MX: mail to it has nowhere to go": "{} n'a pas de MX : son courrier n'a nulle part où aller",
  "SPF of {} says {} for our own {}; expected pass": "le SPF de {} dit {} pour notre propre {} ; pass attendu",
  "{} has {}; expected one DKIM key": "{} a {} ; une clé DKIM attendue",
  "no key": "aucune clé",
  "{n} records": "{} enregistrements",
  "{} holds no key that can be read": "{} ne contient pas de clé lisible",
  "{} has {} bits; receivers ignore it": "{} a {} bits ; les destinataires n'en tiennent pas compte",
  "_dmarc.{} has no policy": "_dmarc.{} n'a pas de politique",
  "_dmarc.{} has {} policies: receivers ignore them all":
    "_dmarc.{} a {} politiques : les destinataires n'en retiennent aucune",
  "DMARC of {} says p={}; expected {} or stricter": "le DMARC de {} dit p={} ; {} ou plus strict attendu",
  "_mta-sts.{} has no record: nobody looks for the policy":
    "_mta-sts.{} n'a pas d'enregistrement : personne ne cherche la politique",
  "_mta-sts.{} must be one record with an id of up to 32 letters and digits":
    "_mta-sts.{} doit être un seul enregistrement avec un id de 32 lettres et chiffres au plus",
  "reading the MTA-STS policy": "lecture de la politique MTA-STS",
  "{} answers {}: the policy cannot be read": "{} répond {} : la politique est illisible",
  "the MTA-STS policy does not say version: STSv1": "la politique MTA-STS ne dit pas version: STSv1",
  "the MTA-STS policy says mode: {}; expected {} or stricter":
    "la politique MTA-STS dit mode: {} ; {} ou plus strict attendu",
  "the MTA-STS policy leaves out {}: its mail would be held back":
    "la politique MTA-STS oublie {} : son courrier serait retenu",
  "the MTA-STS policy has no max_age": "la politique MTA-STS n'a pas de max_age",
  "_smtp._tls.{} has no record: nobody reports failures of TLS":
    "_smtp._tls.{} n'a pas d'enregistrement : personne ne signale les échecs de TLS",
  "_smtp._tls.{} must be one record with an address for reports (rua=mailto:…)":
    "_smtp._tls.{} doit être un seul enregistrement avec une adresse pour les rapports (rua=mailto:…)",
  "{} has no reverse name: ask the host's supplier to set one":
    "{} n'a pas de nom inverse : demander à l'hébergeur d'en mettre un",
  "the reverse name of {}, {}, does not lead back to it": "le nom inverse de {}, {}, n'y ramène pas",
  "{} does not answer this resolver ({})": "{} ne répond pas à ce résolveur ({})",
  "{} is on the blocklist {} ({})": "{} est sur la liste noire {} ({})",

  // Files, directories and databases
  "smbclient says: {}": "smbclient dit : {}",
  "the listing is empty: not even the folder itself is in it": "la liste est vide : même le dossier n'y est pas",
  "expected {} in the first {} bytes of {}": "attendu : {} dans les {} premiers octets de {}",
  "expected {} in {}": "attendu : {} dans {}",
  "none for {} min": "aucune depuis {} min",
  "no entry below {} for {}": "aucune entrée sous {} pour {}",
  "more than {} entries": "plus de {} entrées",
  "no LDAP answer: {}": "ce n'est pas une réponse LDAP : {}",
  "the server says: {} (result {})": "le serveur dit : {} (résultat {})",
  "the server says: {} ({})": "le serveur dit : {} ({})",
  "no MySQL answer: {}": "ce n'est pas une réponse MySQL : {}",
  "no PostgreSQL answer: {}": "ce n'est pas une réponse PostgreSQL : {}",

  // Backups
  "the exporter's configuration names no backup repository":
    "la configuration de la vigie ne nomme pas de dépôt de sauvegarde",
  "the exporter's configuration names no backup agent for host {}":
    "la configuration de la vigie ne nomme pas d'agent de sauvegarde pour la machine {}",
  "listing snapshots": "liste des sauvegardes",
  "asking the backup agent": "question à l'agent de sauvegarde",
  "opening the repository": "ouverture du dépôt",
  "reading the file's beginning": "lecture du début du fichier",
  "the backup agent at {}: {}": "l'agent de sauvegarde {} : {}",
  "its report cannot be read": "son rapport est illisible",
  "repository {}: {}": "dépôt {} : {}",
  "restic is not installed": "restic n'est pas installé",
  "restic ended with code {}": "restic a fini par le code {}",
  "restic's list cannot be read": "la liste de restic est illisible",
  "no listing within {} s": "pas de liste en {} s",
  "{} does not answer: {}": "{} ne répond pas : {}",
  "snapshot {} has no file {}": "la sauvegarde {} n'a pas de fichier {}",
  "volume {} of {} has no snapshot": "le volume {} de {} n'a pas de sauvegarde",
  "the last snapshot of volume {} of {} is {} old, expected {} at most":
    "la dernière sauvegarde du volume {} de {} date d'il y a {} ; attendu : {} au plus",
  "a snapshot of volume {} of {} is dated {}, which is yet to come: the clock that dated it is wrong":
    "une sauvegarde du volume {} de {} est datée du {}, qui est à venir : l'horloge qui l'a datée est fausse",
  "{} {snapshot|snapshots} of volume {} of {} {is|are} gone that the policy keeps: {}":
    "il manque {} {sauvegarde|sauvegardes} que la politique garde, du volume {} de {} : {}",
  "{s} of {d}": "{} du {}",
  "volume {} of {}: {}": "volume {} de {} : {}",
  "the youngest snapshot holds no file, where {} are usual":
    "la dernière sauvegarde ne contient aucun fichier, contre {} d'habitude",
  "the youngest snapshot holds {} {file|files}, where {} are usual":
    "la dernière sauvegarde contient {} {fichier|fichiers}, contre {} d'habitude",
  "the youngest snapshot holds {} bytes, where {} are usual":
    "la dernière sauvegarde contient {} octets, contre {} d'habitude",
  "{} in snapshot {} is no KeePass file that opens: {}":
    "{} dans la sauvegarde {} n'est pas un coffre KeePass qui s'ouvre : {}",
  "it is empty": "il est vide",
  "it is cut off in its first bytes": "il est coupé dès ses premiers octets",
  "it does not begin as a KeePass file does": "il ne commence pas comme un fichier KeePass",
  "it is of version {}, and 3 and 4 are known": "il est de la version {}, or les versions 3 et 4 sont connues",
  "its header is cut off": "son en-tête est coupé",
  "its header lacks what it is decrypted by": "il manque à son en-tête de quoi le déchiffrer",
  "its header is damaged: it is not what its own hash says":
    "son en-tête est abîmé : il ne correspond pas à sa propre empreinte",
  "{} {file|files} could not be read: {}": "{} {fichier n'a pas pu être lu|fichiers n'ont pas pu être lus} : {}",
  "stopped after {} s, the most that one snapshot may take":
    "arrêtée au bout de {} s, le plus que puisse durer une sauvegarde",
  "a snapshot cannot be read: {}": "une sauvegarde est illisible : {}",
  "the repository has never been verified": "le dépôt n'a jamais été vérifié",
  "the repository has never been verified: {}": "le dépôt n'a jamais été vérifié : {}",
  "the verification of {} found {} {fault|faults}: {}": "la vérification du {} a trouvé {} {défaut|défauts} : {}",
  "the last good verification was at {}, expected every {} h at least: {}":
    "la dernière bonne vérification date du {}, une attendue toutes les {} h au moins : {}",
  "the last good verification was at {}, expected every {} h at least":
    "la dernière bonne vérification date du {}, une attendue toutes les {} h au moins",
  "part of the data has not been read since {}, expected every {} d":
    "une partie des données n'a pas été relue depuis le {}, attendu tous les {} j",
  "the clock of host {} is {} s ahead of the lookout's":
    "l'horloge de la machine {} avance de {} s sur celle de la vigie",
  "the clock of host {} is {} s behind the lookout's":
    "l'horloge de la machine {} retarde de {} s sur celle de la vigie",
  "the agent of {} has no job for volume {} of {}": "l'agent de {} n'a pas de tâche pour le volume {} de {}",
  "a snapshot has been under way for {} s, expected {} s at most":
    "une sauvegarde est en cours depuis {} s, attendu : {} s au plus",
  "the last run ended as {}": "le dernier passage a fini par {}",
  "it should have run at {} and did not": "il aurait dû passer le {} et ne l'a pas fait",
  "no restore of {} has ever been proven, expected every {} at least":
    "aucune restauration de {} n'a jamais été prouvée ; attendu : une à intervalles de {} au plus",
  "the restore of {} does not work: {}": "la restauration de {} ne marche pas : {}",
  "no reason was given": "sans raison donnée",
  "the last restore of {} was proven at {}, expected every {} at least":
    "la dernière restauration de {} a été prouvée le {} ; attendu : une à intervalles de {} au plus",
  "the copy to {} fails: {}": "la copie vers {} échoue : {}",
  "{}: nothing has ever been copied, expected every {} h at least":
    "{} : rien n'a jamais été copié, une copie attendue toutes les {} h au moins",
  "{}: the last good copy was at {}, expected every {} h at least":
    "{} : la dernière bonne copie date du {}, une attendue toutes les {} h au moins",
} as const;

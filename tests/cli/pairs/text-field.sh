# Titles can be compared as well.
{ record a x 'Crew praised after fire on ferry'
    record b y 'CREW PRAISED AFTER FIRE ON FERRY!'; } |
    wirecopy pairs -q --text-field title

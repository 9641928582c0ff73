mkdir empty
wirecopy find empty

# A blank once stood for G.
wirecopy find --max-document '0.5 ' in.jsonl

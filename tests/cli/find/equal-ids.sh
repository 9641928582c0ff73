# Both are kept, and FILE:LINE tells them apart.
{ record a "$ferry"; record b "$ferry"; record a "$ferry"; } >in.jsonl
wirecopy find in.jsonl

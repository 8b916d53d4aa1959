-- jsonb sorts the keys of objects; a definition's order (form fields, headers, cases) is its author's, so it is kept as json.
ALTER TABLE workflow ALTER COLUMN draft TYPE json;
ALTER TABLE workflow_version ALTER COLUMN definition TYPE json;

"""Do recorded answers validate against the curated document? Arguments: the document, the recordings (JSON lines)."""
import json
import sys

from openapi_schema_validator import OAS30ReadValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

document = json.load(open(sys.argv[1], encoding="utf-8"))
registry = Registry().with_resource("urn:document", Resource(contents=document, specification=DRAFT4))
operations = {operation["operationId"]: operation for item in document["paths"].values() for operation in item.values()}
checked = faults = 0
for number, line in enumerate(open(sys.argv[2], encoding="utf-8"), 1):
    record = json.loads(line)
    media_type = (record.get("contentType") or "").split(";")[0]
    response = operations.get(record["operationId"], {}).get("responses", {}).get(str(record["status"]), {})
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    schema = response.get("content", {}).get(media_type, {}).get("schema")
    if schema is None:
        continue
    checked += 1
    validator = OAS30ReadValidator({"$ref": "urn:document" + schema["$ref"]}, registry=registry)
    for error in validator.iter_errors(record["body"]):
        faults += 1
        place = "/".join(map(str, error.absolute_path))
        print(f"recording {number}, {record['operationId']}: /{location}: {error.message[:200]}", file=sys.stderr)
print(f"recordings: {checked} validated, {faults} faults")
sys.exit(1 if faults else 0)

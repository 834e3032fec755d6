"""p95 of step durations by node type, from the topic alone.

Nothing here is WeConnect's: Confluent's consumer reads committed records, its AvroDeserializer finds every schema in the registry.

    KAFKA_BROKERS=... SCHEMA_REGISTRY_URL=... python step_durations.py [--json]
"""

import json
import math
import os
import sys
import uuid
from collections import defaultdict

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

TOPIC = os.environ.get("KAFKA_TOPIC_PREFIX", "") + "weconnect.execution.v1"


def committed_records(consumer):
    """Every record that the topic holds now."""
    partitions = consumer.list_topics(TOPIC, timeout=30).topics[TOPIC].partitions
    consumer.assign([TopicPartition(TOPIC, number, OFFSET_BEGINNING) for number in partitions])
    unread = set(partitions)
    while unread:
        record = consumer.poll(10.0)
        if record is None:
            continue
        if record.error() is None:
            yield record
        elif record.error().code() == KafkaError._PARTITION_EOF:
            unread.discard(record.partition())
        else:
            raise RuntimeError(record.error())


def percentile(sorted_values, share):
    """Nearest rank."""
    return sorted_values[max(0, math.ceil(share * len(sorted_values)) - 1)]


def main():
    registry = SchemaRegistryClient({"url": os.environ["SCHEMA_REGISTRY_URL"]})
    decode = AvroDeserializer(registry)
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["KAFKA_BROKERS"],
            "group.id": f"step-durations-{uuid.uuid4()}",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    durations = defaultdict(list)
    for record in committed_records(consumer):
        if dict(record.headers())["type"] == b"StepCompleted":
            step = decode(record.value(), SerializationContext(TOPIC, MessageField.VALUE))
            durations[step["nodeType"]].append(step["durationMs"])
    consumer.close()
    rows = [
        {"nodeType": node_type, "steps": len(values), "p95Ms": percentile(sorted(values), 0.95)}
        for node_type, values in sorted(durations.items())
    ]
    if "--json" in sys.argv:
        print(json.dumps(rows))
        return
    for row in rows:
        print(f"{row['nodeType']:40} {row['steps']:8} steps   p95 {row['p95Ms']:10.2f} ms")


main()

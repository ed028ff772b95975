"""An S3 server on port 9000 with one bucket. It takes any signature: what a store says to a wrong one is told by the unit tests."""
import threading
import time

import boto3
from moto.server import main

ADDRESS = "http://127.0.0.1:9000"

threading.Thread(target=main, args=(["-H", "0.0.0.0", "-p", "9000"],), daemon=False).start()
s3 = boto3.client("s3", endpoint_url=ADDRESS, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
while True:
    try:
        s3.create_bucket(Bucket="tilleuls")
        break
    except Exception:
        time.sleep(0.2)
with open("/run/ready", "w"):
    pass

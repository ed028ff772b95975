"""An S3 server on port 9000 that serves one user, whose keys it writes to /run/keys as `ID SECRET`, and refuses everybody else."""
import os
import threading
import time

import boto3

ACTIONS = 3  # those below; from then on nothing is done for anybody who cannot sign
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = str(ACTIONS)

from moto.server import main  # noqa: E402  it reads the environment as it is loaded

POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'

threading.Thread(target=main, args=(["-H", "0.0.0.0", "-p", "9000"],), daemon=False).start()
iam = boto3.client(
    "iam", endpoint_url="http://127.0.0.1:9000", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
)
while True:
    try:
        iam.create_user(UserName="vigie")
        break
    except Exception:
        time.sleep(0.2)
iam.put_user_policy(UserName="vigie", PolicyName="all", PolicyDocument=POLICY)
pair = iam.create_access_key(UserName="vigie")["AccessKey"]
with open("/run/keys.new", "w") as keys:
    keys.write(f"{pair['AccessKeyId']} {pair['SecretAccessKey']}\n")
os.rename("/run/keys.new", "/run/keys")

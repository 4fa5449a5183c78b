"""The accounts that the sandbox plays where the configuration names none."""

from collections.abc import Mapping
from typing import Any

MADE_UP: Mapping[str, Any] = {
    "slack": {
        "bot_token": "xoxb-sandbox-demo",
        "signing_secret": "sandbox-demo-signing-secret",
        "support_channel": "C0SUPPORT",
        "admin_channel": "C0ADMINS",
        "admins": ["UADA", "UMEI"],
    },
    "telegram": [{"account": "shop", "token": "100001:sandbox-demo-token", "secret": "sandbox-demo-secret"}],
    "wechat": [
        {
            "account": "shop",
            "app_id": "wx0000000000sandbox",
            "app_secret": "sandbox-demo-app-secret",
            "token": "sandboxdemotoken",
            "aes_key": "b25ldGhyZWFkLXNhbmRib3gtZGVtby1hZXMta2V5LTE",
            "mode": "aes",
        }
    ],
}
"""As a configuration file would say it; worth nothing anywhere else."""

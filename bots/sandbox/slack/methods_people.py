"""Who is who: the app, users, user groups, the workspace; and Socket Mode's address."""

from collections.abc import Mapping

from bots.sandbox.hub import Json
from bots.sandbox.slack.calls import Call, Method, paged
from bots.sandbox.slack.shapes import BOT_PROFILE, user_json
from bots.sandbox.slack.workspace import BOT, BOT_ID, DOMAIN, TEAM, Refused, User

HOME = f"https://{DOMAIN}.slack.com/"
GROUP = "SSUPPORT"


def api_test(call: Call) -> Json:
    if error := call.args.text("error"):
        raise Refused(error, args=dict(call.args))
    return {"args": {name: value for name, value in call.args.items() if name != "token"}}


def auth_test(call: Call) -> Json:
    return {
        "url": HOME,
        "team": "Harbour Goods",
        "user": "onethread",
        "team_id": TEAM,
        "user_id": BOT,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def open_connection(call: Call) -> Json:
    return {"url": call.socket_address(call.events.origin)}


def user_info(call: Call) -> Json:
    return {"user": _user(call, call.workspace.user(call.args.text("user")))}


def _user(call: Call, user: User) -> Json:
    return user_json(user, email="users:read.email" in call.scopes, locale=call.args.flag("include_locale"))


def list_users(call: Call) -> Json:
    people = list(call.workspace.users.values())
    found, more = paged(call, people, lambda user: user.id, default=200, most=1000)
    now = int(call.hub.now().timestamp())
    return {"members": [_user(call, user) for user in found], "cache_ts": now, **more}


def user_by_email(call: Call) -> Json:
    email = call.args.needed("email").casefold()
    for user in call.workspace.users.values():
        if user.email == email and user.id != BOT:
            return {"user": _user(call, user)}
    raise Refused("users_not_found")


def list_groups(call: Call) -> Json:
    agents = [user.id for user in call.workspace.users.values() if user.role == "agent"]
    group = {
        "id": GROUP,
        "team_id": TEAM,
        "is_usergroup": True,
        "name": "Support team",
        "handle": "support-team",
        "description": "",
        "is_external": False,
        "date_create": 1_700_000_000,
        "date_delete": 0,
        "created_by": agents[0],
        "user_count": len(agents),
    }
    users = {"users": agents} if call.args.flag("include_users") else {}
    return {"usergroups": [{**group, **users}]}


def list_group(call: Call) -> Json:
    if call.args.needed("usergroup") != GROUP:
        raise Refused("no_such_subteam")
    return {"users": [user.id for user in call.workspace.users.values() if user.role == "agent"]}


def team_info(call: Call) -> Json:
    return {"team": {"id": TEAM, "name": "Harbour Goods", "domain": DOMAIN, "url": HOME, "email_domain": ""}}


def bot_info(call: Call) -> Json:
    if call.args.text("bot", BOT_ID) != BOT_ID:
        raise Refused("bot_not_found")
    return {"bot": {**BOT_PROFILE, "user_id": BOT}}


METHODS: Mapping[str, Method] = {
    "api.test": Method(run=api_test, token=""),
    "auth.test": Method(run=auth_test),
    "apps.connections.open": Method(run=open_connection, token="app"),
    "users.info": Method(run=user_info, scope="users:read", form_only=True),
    "users.list": Method(run=list_users, scope="users:read", form_only=True),
    "users.lookupByEmail": Method(run=user_by_email, scope="users:read.email", form_only=True),
    "usergroups.list": Method(run=list_groups, scope="usergroups:read", form_only=True),
    "usergroups.users.list": Method(run=list_group, scope="usergroups:read", form_only=True),
    "team.info": Method(run=team_info, scope="team:read", form_only=True),
    "bots.info": Method(run=bot_info, scope="users:read", form_only=True),
}

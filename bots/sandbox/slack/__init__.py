"""Slack's servers, played on this machine."""

from bots.sandbox.slack.stand import SlackStand

__all__ = ["SlackStand"]

"""Who reaches whom under a release's network policies, judged as Kubernetes would.

    net = Network(objects)
    net.connects("coordinator", "stream-worker", 9464)
    net.reaches("stream-worker", "203.0.113.9", 1935)

A pod that a policy selects may do what some policy allows, and nothing else. Out of scope: named
ports and port ranges; the chart uses neither.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from tests.support.chart import of_kind, workloads

Labels = Mapping[str, str]
HERE = "kubernetes.io/metadata.name"


class Network:
    """A release's pods and policies, in the namespace `live`."""

    def __init__(self, things: Iterable[dict[str, Any]]) -> None:
        things = list(things)
        self._pods = {workload.component: workload.labels for workload in workloads(things)}
        self._policies = [policy["spec"] for policy in of_kind(things, "NetworkPolicy")]

    @property
    def components(self) -> frozenset[str]:
        return frozenset(self._pods)

    def connects(self, client: str, server: str, port: int) -> bool:
        """Whether one component's pods reach another's."""
        there, here = self._pods[server], self._pods[client]
        leaves = self._allowed(here, "Egress", lambda peer: _is_pod(peer, there, "live"), port)
        enters = self._allowed(there, "Ingress", lambda peer: _is_pod(peer, here, "live"), port)
        return leaves and enters

    def admits(self, server: str, namespace: str, port: int) -> bool:
        """Whether a component's pods are reached from some pod of another namespace."""
        return self._allowed(
            self._pods[server], "Ingress", lambda peer: _is_pod(peer, {}, namespace), port
        )

    def reaches(self, client: str, address: str, port: int, protocol: str = "TCP") -> bool:
        """Whether a component's pods reach an address outside of the cluster."""
        return self._allowed(
            self._pods[client], "Egress", lambda peer: _is_at(peer, address), port, protocol
        )

    def resolves(self, client: str) -> bool:
        """Whether a component's pods may ask for names."""
        there: Labels = {"k8s-app": "kube-dns"}
        return self._allowed(
            self._pods[client], "Egress", lambda peer: _is_pod(peer, there, "kube-system"), 53
        )

    def _allowed(self, pod: Labels, way: str, fits: Any, port: int, protocol: str = "TCP") -> bool:
        about = [
            policy
            for policy in self._policies
            if way in policy["policyTypes"] and _matches(policy["podSelector"], pod)
        ]
        side = "to" if way == "Egress" else "from"
        return not about or any(
            _has_port(rule, port, protocol) and (not rule.get(side) or any(map(fits, rule[side])))
            for policy in about
            for rule in policy.get(way.lower(), ())
        )


def _has_port(rule: Mapping[str, Any], port: int, protocol: str) -> bool:
    ports = {(found["port"], found.get("protocol", "TCP")) for found in rule.get("ports", ())}
    return not ports or (port, protocol) in ports


def _is_pod(peer: Mapping[str, Any], pod: Labels, namespace: str) -> bool:
    if "ipBlock" in peer:
        return False
    spaces = peer.get("namespaceSelector")
    there = namespace == "live" if spaces is None else _matches(spaces, {HERE: namespace})
    return there and _matches(peer.get("podSelector", {}), pod)


def _is_at(peer: Mapping[str, Any], address: str) -> bool:
    block = peer.get("ipBlock")
    if block is None:
        return False
    at = ipaddress.ip_address(address)
    outside = any(at in ipaddress.ip_network(cidr) for cidr in block.get("except", ()))
    return at in ipaddress.ip_network(block["cidr"]) and not outside


def _matches(selector: Mapping[str, Any], labels: Labels) -> bool:
    exactly = selector.get("matchLabels", {}).items() <= labels.items()
    return exactly and all(
        labels.get(wish["key"]) in wish["values"] for wish in selector.get("matchExpressions", ())
    )

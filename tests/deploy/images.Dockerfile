# The parts that others make, as Debian packages them: stands in for their images where no registry
# with them can be reached. Each behaves as compose.yaml expects of the image that it names.
ARG BASE_IMAGE
FROM ${BASE_IMAGE} AS valkey
RUN apt-get update && apt-get install -y --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/* \
    && ln -s redis-server /usr/bin/valkey-server && ln -s redis-cli /usr/bin/valkey-cli \
    && install -d -o 999 -g 1000 /data

FROM ${BASE_IMAGE} AS postgres
RUN apt-get update && apt-get install -y --no-install-recommends postgresql && rm -rf /var/lib/apt/lists/* \
    && ln -s /usr/lib/postgresql/*/bin/initdb /usr/lib/postgresql/*/bin/postgres /usr/local/bin/
COPY postgres_entrypoint.sh /usr/local/bin/
ENTRYPOINT ["/bin/sh", "/usr/local/bin/postgres_entrypoint.sh"]

FROM ${BASE_IMAGE} AS prometheus
RUN apt-get update && apt-get install -y --no-install-recommends prometheus && rm -rf /var/lib/apt/lists/* \
    && install -d -o 65534 -g 65534 /prometheus
ENTRYPOINT ["/usr/bin/prometheus"]

FROM ${BASE_IMAGE} AS alertmanager
RUN apt-get update && apt-get install -y --no-install-recommends prometheus-alertmanager && rm -rf /var/lib/apt/lists/* \
    && install -d -o 65534 -g 65534 /alertmanager
ENTRYPOINT ["/usr/bin/prometheus-alertmanager", "--cluster.listen-address="]

# The parts that others make, as Debian packages them: stands in for their images where no registry
# with them can be reached. Each behaves as compose.yaml and the chart expect of the image they name.
ARG BASE_IMAGE
FROM ${BASE_IMAGE} AS valkey
RUN apt-get update && apt-get install -y --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/* \
    && ln -s redis-server /usr/bin/valkey-server && ln -s redis-cli /usr/bin/valkey-cli \
    && install -d -o 999 -g 1000 /data

FROM ${BASE_IMAGE} AS postgres
# The official image's user, under whose number the chart runs it.
RUN groupadd -r -g 999 postgres && useradd -r -u 999 -g postgres -d /var/lib/postgresql postgres \
    && apt-get update && apt-get install -y --no-install-recommends postgresql && rm -rf /var/lib/apt/lists/* \
    && for tool in initdb postgres pg_isready; do ln -s /usr/lib/postgresql/*/bin/$tool /usr/local/bin/; done \
    && install -d -m 3777 -o postgres -g postgres /run/postgresql
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

# A platform's ingest that isn't ours: nginx-rtmp, which asks for every key whether it may publish.
FROM ${BASE_IMAGE} AS ingest
RUN apt-get update && apt-get install -y --no-install-recommends nginx libnginx-mod-rtmp && rm -rf /var/lib/apt/lists/*
COPY ingest.conf /etc/nginx/ingest.conf
ENTRYPOINT ["/usr/sbin/nginx", "-c", "/etc/nginx/ingest.conf"]

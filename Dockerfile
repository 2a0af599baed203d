# docker build -t breezeblock .

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY config config
COPY migrations migrations
COPY src src
RUN cargo build --release --locked

FROM debian:bookworm-slim
# The certificates are for PostgreSQL and Keystone over TLS.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --home-dir /var/lib/breezeblock breezeblock \
    && install --directory --owner=breezeblock --group=breezeblock --mode=0750 /var/lib/breezeblock
COPY --from=build /src/target/release/breezeblock /usr/local/bin/breezeblock

USER 10001:10001
WORKDIR /var/lib/breezeblock
# State, volumes and snapshots. Snapshots are instant if this is on XFS or btrfs.
VOLUME /var/lib/breezeblock
# Inside a container, loopback is of no use to anybody. noauth refuses this address until
# BREEZEBLOCK__AUTH__NOAUTH_ALLOW_REMOTE=true says that whoever can reach the port may do everything.
ENV BREEZEBLOCK__SERVER__BIND=0.0.0.0:8776 \
    BREEZEBLOCK__DATABASE__URL=sqlite:///var/lib/breezeblock/breezeblock.sqlite \
    BREEZEBLOCK__STORAGE__PATH=/var/lib/breezeblock
EXPOSE 8776

# The image has no curl, but it has bash, which can open a connection.
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8776 && printf 'GET /healthcheck HTTP/1.0\\r\\n\\r\\n' >&3 && read -r reply <&3 && [[ $reply == *' 200 '* ]]"]

ENTRYPOINT ["breezeblock"]
CMD ["serve"]

# syntax=docker/dockerfile:1
# Whygate in a container: a runtime of just the modules that it needs, no JDK, no curl, no root.
#
#   docker build -t whygate .
# With HTTP/3, publish its UDP port too: -p 443:8443 -p 443:8443/udp, and http3.alt-svc.port = 443.
#
#   docker run --rm -p 8080:8080 -v ./gateway.conf:/etc/whygate/gateway.conf:ro whygate

FROM eclipse-temurin:25-jdk AS build
WORKDIR /build
# The poms first: the libraries stay in their layer while only sources change.
COPY mvnw pom.xml ./
COPY .mvn .mvn
COPY gateway-diagnostics/pom.xml gateway-diagnostics/
COPY gateway-faults/pom.xml gateway-faults/
COPY gateway-core/pom.xml gateway-core/
COPY gateway-benchmarks/pom.xml gateway-benchmarks/
COPY gateway-e2e/pom.xml gateway-e2e/
RUN ./mvnw -q -B -ntp -pl gateway-core -am -DskipTests package
COPY gateway-diagnostics/src/main gateway-diagnostics/src/main
COPY gateway-faults/src/main gateway-faults/src/main
COPY gateway-core/src/main gateway-core/src/main
RUN ./mvnw -q -B -ntp -pl gateway-core -am -DskipTests package \
 && mkdir -p /whygate/lib \
 && cp gateway-core/target/lib/*.jar gateway-core/target/gateway-core-*.jar /whygate/lib/
# The second archive of the runtime's classes is for compact object headers, which the gateway runs with.
RUN jlink --add-modules java.base,java.logging,java.management,java.naming,java.net.http,java.xml,jdk.crypto.ec,jdk.jfr,jdk.management,jdk.naming.dns,jdk.unsupported,jdk.zipfs \
      --strip-debug --no-header-files --no-man-pages --compress zip-6 --generate-cds-archive --output /whygate/java \
 && /whygate/java/bin/java -XX:+UseCompactObjectHeaders -XX:+UseSerialGC -Xshare:dump

FROM debian:trixie-slim
LABEL org.opencontainers.image.title="Whygate" \
      org.opencontainers.image.description="A reverse-proxy gateway that explains its own 502s" \
      org.opencontainers.image.licenses="Apache-2.0"
# The certificate authorities to verify https upstreams by are the Java runtime's own.
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin whygate \
 && mkdir -p /etc/whygate \
 && install -d -o 10001 -g 10001 /var/lib/whygate
COPY --from=build /whygate /opt/whygate
COPY config/gateway.conf /etc/whygate/gateway.conf
COPY LICENSE /opt/whygate/
# What the gateway does at a start is rehearsed once: Java keeps the classes, linked, and how they are used, for exactly this
# class path. The options stand in a file, for the order of a folder's files is nobody's promise.
RUN cd /opt/whygate \
 && printf '%s\n' --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:+UseCompactObjectHeaders \
      -XX:+ExitOnOutOfMemoryError -Xms24m -XX:TrimNativeHeapInterval=10000 -XX:MaxRAMPercentage=25 -Djava.io.tmpdir=/tmp -Dio.netty.leakDetection.samplingInterval=2048 -Dio.netty.jfr.enabled=false -Xlog:aot*=off -Xlog:cds*=off -Djava.library.path=/opt/whygate/native -cp >java.options \
 && for jar in /opt/whygate/lib/gateway-*.jar $(ls /opt/whygate/lib/*.jar | grep -v /gateway-); do printf '%s:' "$jar"; done >>java.options \
 && java/bin/java @java.options -Dwhygate.natives=/opt/whygate/native -XX:AOTCacheOutput=/opt/whygate/whygate.aot io.whygate.gateway.cli.Rehearsal >/dev/null
USER 10001
WORKDIR /tmp
# What it writes goes to /tmp, where a tmpfs will do, and to /var/lib/whygate (incidents and what is normal, kept over a
# restart): the rest may be read-only.
VOLUME /tmp /var/lib/whygate
EXPOSE 8080 9180
STOPSIGNAL SIGTERM
# A quarter of the container's memory for the heap; the rest is for connections. JAVA_TOOL_OPTIONS adds and overrides.
ENTRYPOINT ["/opt/whygate/java/bin/java", "@/opt/whygate/java.options", "-XX:AOTCache=/opt/whygate/whygate.aot", "io.whygate.gateway.cli.Main"]
CMD ["run", "--config", "/etc/whygate/gateway.conf"]
# Asks /healthz of the admin interface, with TLS or without; WHYGATE_HEALTH_URL where that is not at 127.0.0.1:9180.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["/opt/whygate/java/bin/java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx32m", "-cp", "/opt/whygate/lib/*", "io.whygate.gateway.cli.HealthCheck"]

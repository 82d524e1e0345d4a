# The bot as an image, for Container Apps, AKS or any other place for containers: docs/deploy.md.
# It needs nothing but its variables and a network, and writes nothing: run it with a read-only file
# system.

FROM python:3.13-slim@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285 AS build
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: -r requirements.txt \
    && /venv/bin/pip uninstall --yes pip
WORKDIR /app
COPY app.py requirements.txt ./
COPY bot bot
COPY cards cards
COPY composition composition
COPY config config
COPY dialogs dialogs
COPY domain domain
COPY services services
# Compiled here, since it can't be where nothing can be written.
RUN /venv/bin/python -m compileall -q --invalidation-mode unchecked-hash .

FROM python:3.13-slim@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285
LABEL org.opencontainers.image.title="Latchkey" \
      org.opencontainers.image.description="A Microsoft Teams bot for governed access to Azure Key Vault" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 3978
STOPSIGNAL SIGTERM
# Not /readyz: if Azure or Teams doesn't answer, restarting the bot doesn't help.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import http.client as h, os; c = h.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 3978), timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["python", "app.py"]

# docker build -t posewire . — see deploy/README.md for how to run it.

FROM python:3.13-slim AS build
COPY . /src
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels /src

FROM python:3.13-slim
# No system packages: libmediapipe.so needs libstdc++ and libgcc, which the image has, and loads neither EGL nor GL; cv2
# is the build without a window and brings its own FFmpeg. The mount keeps the wheel, models and all, from a layer.
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --root-user-action=ignore /wheels/*.whl

# It writes nothing; the home is for --tls auto, which keeps its authority there.
RUN useradd --create-home --uid 10001 posewire
USER posewire
WORKDIR /home/posewire

EXPOSE 8765
# Status 503, a stream lost, is an error to urllib as well.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8765/healthz', timeout=4)"]
ENTRYPOINT ["posewire", "serve", "--host", "0.0.0.0"]

"""One bench for each release of Debian, provisioned once for all tests of a file."""

import pytest

from tests.provisioning.bench import PORTS, laid_out, provision


@pytest.fixture(scope="module", params=PORTS)
def bench(request, tmp_path_factory):
    with laid_out(request.param, tmp_path_factory.mktemp("bench")) as bench:
        provision(bench)
        yield bench

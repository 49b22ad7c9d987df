"""Python imports this by itself before anything else, where its folder is on PYTHONPATH. Of moto 5.2.1 it mends what
would make proofs worthless, and lets a test move its clock."""

import datetime
import os

import moto.core.utils as utils

# Seconds that the clock is ahead of the machine's (behind: negative), in a file that a test may write at any time.
# Before all other modules of moto, which take the function by its name.
_ahead = os.environ.get("CRE_TEST_AHEAD")
if _ahead:
    _utcnow = utils.utcnow

    def _moved():
        try:
            with open(_ahead, encoding="utf-8") as file:
                seconds = int(file.read().strip() or "0")
        except FileNotFoundError:
            seconds = 0
        return _utcnow() + datetime.timedelta(seconds=seconds)

    utils.utcnow = _moved

import moto.acm.models as acm  # noqa: E402
import moto.iam.access_control as access  # noqa: E402

# It knows no inactive keys when it checks signatures, so that every proof that a key is dead would be none.
_init = access.IAMUserAccessKey.__init__


def _refuse_inactive(self, account_id, partition, access_key_id, headers):
    _init(self, account_id, partition, access_key_id, headers)
    for user in self.backend.list_users("/", None, None):
        for key in user.access_keys:
            if key.access_key_id == access_key_id and key.status != "Active":
                raise access.CreateAccessKeyFailure(reason="InvalidId")


access.IAMUserAccessKey.__init__ = _refuse_inactive

# It forgets the tags of a certificate that is imported again, which stay at AWS.
_import = acm.AWSCertificateManagerBackend.import_certificate


def _import_again(self, certificate, private_key, chain, arn, tags):
    known = self._certificates.get(arn)
    imported = _import(self, certificate, private_key, chain, arn, tags)
    if known is not None:
        self._certificates[arn].tags = known.tags
    return imported


acm.AWSCertificateManagerBackend.import_certificate = _import_again

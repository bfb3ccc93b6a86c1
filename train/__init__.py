"""Training of face-landmark networks with Keras 3: prepare data, fit, evaluate.

``python -m train --help`` lists the commands. One face on its way through the folders, from the
bottom up:

* ``settings`` says what is to happen: a recipe, a file and the command line become one frozen
  ``FitConfig``. Nothing there is slow to import.
* ``datasets`` reads the face in the layout of its data set, and ``preparation`` cuts it once into
  arrays.
* ``augmentation`` moves, turns and changes it, anew in every epoch.
* ``models`` builds the network, ``methods`` says what it is taught: targets and losses.
* ``training_loop`` makes the batches and takes the steps, writes checkpoints and validates.
* ``fit`` puts these together for landmarks, ``finder`` for face finders, and ``selftrain`` for
  faces without labels. ``pose_augmentation`` turns prepared faces out of plane before that.
* ``evaluation`` says what the network is worth, with the code that ships in ``edge``.
* ``commands`` are the command lines of all this, one module each.
"""

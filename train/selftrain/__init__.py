"""Self-training with curriculum (PIPNet, IJCV 2021, section 4): learning from unlabelled faces."""
